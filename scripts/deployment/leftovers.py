"""Buckets that a deleted stage leaves behind."""

from scripts.deployment.calls import Calls


def delete_buckets(calls: Calls, *, prefix: str) -> None:
    """Deletes the buckets with this prefix, and everything in them: only for a copy of a stage."""
    for bucket in calls.run("s3", "list_buckets").get("Buckets", []):
        if bucket["Name"].startswith(prefix):
            _empty(calls, bucket["Name"])
            calls.run("s3", "delete_bucket", Bucket=bucket["Name"])


def _empty(calls: Calls, bucket: str) -> None:
    """Old versions and deletion marks too, page by page: what a page lists is deleted before the
    next one is asked for.
    """
    while True:
        page = calls.run("s3", "list_object_versions", Bucket=bucket)
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not found:
            return
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        calls.run("s3", "delete_objects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
