"""The commands of `cgraph`, on a running system."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from cgraph_local.core.home import CHECKOUT
from cgraph_local.services.ports import free_port
from cgraph_local.template.yaml_loader import load_template
from tests.aws import aws_client
from tests.command import run_command
from tests.conftest import Size
from tests.system import LocalSystem

FIRST = ["CheckHealth", "SendMessage", "Hello", "PushEvents", "MakePartitions"]


def events() -> list[str]:
    """The functions that have a sample event; those of FIRST come first."""
    parts = (path.stem.split("_") for path in sorted((CHECKOUT / "events").glob("*.json")))
    names = ["".join(word.capitalize() for word in each) for each in parts]
    return [*FIRST, *(name for name in names if name not in FIRST)]


def test_invoke_gives_each_function_its_sample_event(local: LocalSystem, size: Size) -> None:
    for name in events()[: size(len(FIRST), 100)]:
        output = local.cgraph("invoke", name)
        assert "ok, " in output, output
        assert " ms billed" in output
        assert '"statusCode": 5' not in output
        assert "Traceback" not in output


def test_invoke_prints_the_response_of_the_function(local: LocalSystem) -> None:
    before = local.count("SELECT count(*) FROM messages")
    response = json.loads(document_in(local.cgraph("invoke", "SendMessage")))
    assert response["statusCode"] == 201
    assert response["body"]["seq"] > 0
    assert local.count("SELECT count(*) FROM messages") > before


def test_invoke_takes_an_event_from_a_file(local: LocalSystem, tmp_path: Path) -> None:
    event = json.loads((CHECKOUT / "events" / "show_me.json").read_text())
    event["headers"]["authorization"] = "Bearer nobody"
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event))
    response = json.loads(document_in(local.cgraph("invoke", "ShowMe", "--event", str(file))))
    assert (response["statusCode"], response["body"]["code"]) == (401, "invalid_token")


def test_invoke_takes_an_event_as_an_argument(local: LocalSystem) -> None:
    output = local.cgraph("invoke", "DrainSockets", '{"reason": "deploy"}')
    assert json.loads(document_in(output)).keys() == {"notified", "within_ms"}


def test_the_event_and_environment_commands_print_what_sam_local_takes(local: LocalSystem) -> None:
    event = json.loads(local.cgraph("event", "SendMessage"))
    assert (
        event.keys() == json.loads((CHECKOUT / "events" / "send_message.json").read_text()).keys()
    )
    assert "{{" not in json.dumps(event)
    variables = json.loads(local.cgraph("environment"))
    template = load_template(CHECKOUT / "template.yaml")
    declared = template["Globals"]["Function"]["Environment"]["Variables"].keys()
    assert variables["SendMessage"].keys() - declared == {
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        *("CGRAPH_CACHE_PASSWORD", "PGPASSWORD"),
    }
    assert declared <= variables["SendMessage"].keys()
    settings = variables["SendMessage"]["SETTINGS"].splitlines()
    assert f"DATABASE_PORT={local.endpoints.postgres_port}" in settings
    assert all(template["Resources"][name]["Type"].endswith("Function") for name in variables)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["invoke", "SendMassage"], "SendMassage"),
        (["invoke", "SendMessage", "--event", "no-such-file.json"], "no-such-file.json"),
        (["invoke", "SendMessage", "{no json"], "not JSON"),
        (["logs", "SendMassage"], "SendMassage"),
        (["dlq", "list", "NoQueue"], "NoQueue"),
        (["consumers", "rewind"], "Name the consumer"),
        (["consumers", "replay", "nobody"], "there is no nobody"),
        (["psql", "-c", "SELECT nothing"], "nothing"),
    ],
)
def test_a_mistake_is_named(local: LocalSystem, arguments: list[str], text: str) -> None:
    done = run_command(local.home.path, arguments, port=local.port)
    assert done.returncode != 0
    assert text in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["functions"],
        ["invoke", "ShowMe"],
        ["dlq", "list"],
        ["consumers", "list"],
        ["psql"],
        ["chat", "ada"],
        ["import", "slack", "export.zip"],
    ],
)
def test_a_command_names_make_run_where_nothing_runs(tmp_path: Path, arguments: list[str]) -> None:
    done = run_command(tmp_path / "home", arguments, port=free_port())
    assert done.returncode == 1
    assert "make run" in done.stdout
    assert "Traceback" not in done.stdout


def test_functions_and_routes_are_listed(local: LocalSystem) -> None:
    with httpx.Client(base_url=local.url, trust_env=False) as http:
        assert http.get("/health").status_code == 200
    functions = {line.split()[0]: line.split() for line in local.cgraph("functions").splitlines()}
    assert int(functions["CheckHealth"][1]) > 0
    routes = local.cgraph("routes")
    assert [line.split()[:3] for line in routes.splitlines() if "/messages " in line][-1] == [
        "POST",
        "/messages",
        "SendMessage",
    ]
    assert "socket  send" in routes


def test_logs_print_the_lines_of_a_function(local: LocalSystem) -> None:
    """Those of an exception in a handler."""
    with pytest.raises(AssertionError, match="Unhandled"):
        local.cgraph("invoke", "PushEvents", "--event", "-", stdin="{}")
    output = local.cgraph("logs", "PushEvents", "-n", "20")
    assert "KeyError: 'Records'" in output
    assert "push_events.py" in output or "worker.py" in output
    assert "KeyError: 'Records'" in local.cgraph("logs")


async def test_logs_can_be_followed(local: LocalSystem) -> None:
    async with local.command("logs", "PushEvents", "--follow", "-n", "0") as command:
        await asyncio.sleep(1.0)
        await asyncio.to_thread(
            run_command,
            local.home.path,
            ["invoke", "PushEvents", "--event", "-"],
            port=local.port,
            stdin='{"followed": 1}',
        )
        await command.wait_for("KeyError: 'Records'")


def test_psql_reaches_the_database(local: LocalSystem) -> None:
    output = local.cgraph("psql", "-c", "SELECT username FROM users WHERE username = 'ada'")
    assert "username" in output
    assert "ada" in output


def test_migrate_finds_nothing_new(local: LocalSystem) -> None:
    assert "nothing new" in local.cgraph("migrate")


def test_dead_letters_are_listed_and_redriven(local: LocalSystem) -> None:
    assert "PushDeadLetters (of PushQueue): 0" in local.cgraph("dlq", "list")
    endpoints = local.endpoints
    queues = aws_client("sqs", url=endpoints.emulator_url, credentials=endpoints.credentials)
    url = queues.get_queue_url(QueueName="PushDeadLetters")["QueueUrl"]
    for _ in range(3):
        job = json.dumps({"deliveries": [], "attempt": 1})
        queues.send_message(QueueUrl=url, MessageBody=job)
    pushed = invocations(local, "PushEvents")
    listed = local.cgraph("dlq", "list", "PushQueue")
    assert "PushDeadLetters (of PushQueue): 3" in listed
    assert '"deliveries"' in listed.replace('\\"', '"')
    assert "3 back in PushQueue" in local.cgraph("dlq", "redrive", "PushDeadLetters")
    assert "PushDeadLetters (of PushQueue): 0" in local.cgraph("dlq", "list")
    assert invocations(local, "PushEvents") > pushed
    queues.close()


def document_in(output: str) -> str:
    """The JSON document among the other lines."""
    return output[output.index("{\n") : output.rindex("}") + 1]


def invocations(system: LocalSystem, function: str) -> int:
    return int(system.statistics()[function]["invocations"])


def test_a_consumer_of_the_log_is_listed_and_rewound(local: LocalSystem) -> None:
    assert "search: " in local.cgraph("consumers", "rewind", "search", "--to", "2100-01-01")
    listed = local.cgraph("consumers", "list")
    assert "events behind" in listed
    assert "0 set aside" in listed
