"""Logs of functions: JSON lines in files and readable lines on the console."""

import io
import json
from pathlib import Path

import pytest

from cgraph_local.core import function_logs as logs_module
from cgraph_local.core.function_logs import FunctionLogs, format_entry, parse_line


def test_a_text_line_becomes_the_message_of_an_entry() -> None:
    entry = parse_line(b"it { is text", request_id="r1")
    assert (entry["level"], entry["message"], entry["requestId"]) == ("INFO", "it { is text", "r1")
    assert parse_line(b'{"broken', request_id="")["message"] == '{"broken'


def test_a_json_line_is_kept_as_it_is() -> None:
    entry = parse_line(b'{"level": "WARNING", "message": "m", "timestamp": "t"}', request_id="r1")
    assert entry == {"level": "WARNING", "message": "m", "timestamp": "t", "requestId": "r1"}


def test_the_console_shows_one_line_and_the_traceback(tmp_path: Path) -> None:
    console = io.StringIO()
    function_logs = FunctionLogs(tmp_path, console=console)
    line = {
        "level": "ERROR",
        "errorType": "ValueError",
        "errorMessage": "no",
        "stackTrace": ['  File "x.py", line 3\n    f()\n'],
        "colour": "blue",
    }
    function_logs.write("Greet", json.dumps(line).encode(), request_id="r1")
    function_logs.close()
    first, *traceback = console.getvalue().splitlines()
    assert first[9:].split() == ["Greet", "ERROR", "ValueError:", "no", "colour=blue"]
    assert [text.strip() for text in traceback] == ['File "x.py", line 3', "f()"]
    (written,) = (tmp_path / "Greet.log").read_text().splitlines()
    assert json.loads(written)["requestId"] == "r1"


def test_metrics_are_written_to_the_file_only(tmp_path: Path) -> None:
    console = io.StringIO()
    function_logs = FunctionLogs(tmp_path, console=console)
    function_logs.write("Greet", b'{"_aws": {}, "sent": 1}', request_id="r1")
    function_logs.close()
    assert console.getvalue() == ""
    assert '"sent":1' in (tmp_path / "Greet.log").read_text()


def test_a_large_file_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs_module, "ROTATE_BYTES", 300)
    function_logs = FunctionLogs(tmp_path, console=None)
    for number in range(10):
        function_logs.write("Greet", f"line {number}".encode(), request_id="")
    function_logs.close()
    assert "line 9" in (tmp_path / "Greet.log").read_text()
    assert (tmp_path / "Greet.log.1").stat().st_size > 300


def test_an_exception_follows_its_message() -> None:
    entry = {"level": "INFO", "message": "a", "exception": "Traceback\n  x"}
    lines = format_entry(entry, function="Greet", colour=False).splitlines()
    assert [line.strip() for line in lines[1:]] == ["Traceback", "x"]
