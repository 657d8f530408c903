from cgraph.core.encoding import encode_json
from cgraph.core.queues import BATCH_BYTES, BATCH_MESSAGES
from cgraph.realtime.push_jobs import JOB_BYTES, JOB_CONNECTIONS, Delivery, push_jobs, sqs_batches


def delivery(connections: int, *, frame: str = "{}", name: str = "c") -> Delivery:
    targets = [f"{name}{number}" for number in range(connections)]
    return {"frames": [frame], "connections": targets}


def targets_of(jobs: list[list[Delivery]]) -> list[str]:
    return [target for job in jobs for piece in job for target in piece["connections"]]


def test_no_delivery_makes_no_job() -> None:
    assert list(push_jobs([])) == []
    assert list(sqs_batches([])) == []


def test_small_deliveries_share_a_job() -> None:
    deliveries = [delivery(3), delivery(2)]

    assert list(push_jobs(deliveries)) == [deliveries]


def test_a_job_has_a_bounded_number_of_connections() -> None:
    deliveries = [delivery(1250, name="a"), delivery(300, name="b"), delivery(100, name="c")]
    jobs = list(push_jobs(deliveries))

    counts = [sum(len(piece["connections"]) for piece in job) for job in jobs]
    assert counts == [500, 500, 250, 400]
    assert max(counts) <= JOB_CONNECTIONS
    assert targets_of(jobs) == targets_of([deliveries])


def test_each_part_of_a_split_delivery_keeps_its_shed_time() -> None:
    whole: Delivery = {**delivery(700), "shed_after": 3.0}

    assert [piece["shed_after"] for job in push_jobs([whole]) for piece in job] == [3.0, 3.0]


def test_a_job_has_a_bounded_number_of_bytes() -> None:
    deliveries = [delivery(1, frame="🦉" * 7000, name=f"{number}-") for number in range(40)]
    jobs = list(push_jobs(deliveries))

    assert max(len(encode_json(job).encode()) for job in jobs) < JOB_BYTES * 1.1
    assert targets_of(jobs) == targets_of([deliveries])


def test_one_call_carries_ten_jobs_and_a_bounded_number_of_bytes() -> None:
    small = [f"{number}" for number in range(25)]
    large = [f"{number}" + "🦉" * 60_000 for number in range(9)]

    assert [len(batch) for batch in sqs_batches(small)] == [BATCH_MESSAGES, BATCH_MESSAGES, 5]
    cut = list(sqs_batches(large))
    assert [job for batch in cut for job in batch] == large
    assert max(sum(len(job.encode()) for job in batch) for batch in cut) <= BATCH_BYTES
