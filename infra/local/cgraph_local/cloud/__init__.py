"""The local cloud, assembled from its parts, and the loop of `cgraph run`."""
