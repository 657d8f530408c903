"""What is refused before an OpenSearch starts, and which one the local cloud uses."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cgraph_local.cloud import search
from cgraph_local.services import ServiceFailed, java, opensearch_files
from cgraph_local.services.opensearch_files import MODULES, check_jars, folder_of

URL = "http://127.0.0.1:9200"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two jars, as jars.sha256 lists them."""
    folder, sources = tmp_path / "program", tmp_path / "sources"
    sources.mkdir()
    lines = []
    for place, name in (("lib", "core-1.jar"), ("modules/a", "a-1.jar")):
        (folder / place).mkdir(parents=True)
        (folder / place / name).write_bytes(name.encode())
        lines.append(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n")
    (sources / "jars.sha256").write_text("".join(lines))
    monkeypatch.setattr(opensearch_files, "SOURCES", sources)
    return folder


def test_the_listed_jars_are_accepted(program: Path) -> None:
    check_jars(program)


def test_a_changed_jar_is_refused(program: Path) -> None:
    (program / "modules/a/a-1.jar").write_bytes(b"another")
    with pytest.raises(ServiceFailed, match=r"a-1\.jar is changed.*make opensearch"):
        check_jars(program)


def test_a_missing_jar_is_refused(program: Path) -> None:
    (program / "lib/core-1.jar").unlink()
    with pytest.raises(ServiceFailed, match=r"core-1\.jar is missing"):
        check_jars(program)


def test_a_jar_that_is_not_listed_is_refused(program: Path) -> None:
    (program / "lib/more-1.jar").write_bytes(b"")
    with pytest.raises(ServiceFailed, match=r"more-1\.jar is not listed"):
        check_jars(program)


def test_each_module_has_jars_and_each_jar_one_place() -> None:
    listed = (opensearch_files.SOURCES / "jars.sha256").read_text().split()[1::2]
    places = [folder_of(jar) for jar in listed]
    assert {f"modules/{module.name}" for module in MODULES} | {"lib"} == set(places)
    assert folder_of(f"opensearch-{opensearch_files.version()}.jar") == "lib"
    assert f"opensearch-{opensearch_files.version()}.jar" in listed


def install_java(folder: Path, version: str) -> Path:
    java_home = folder / f"java-{version}"
    (java_home / "bin").mkdir(parents=True)
    program = java_home / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026' >&2\n")
    program.chmod(0o755)
    return java_home


@pytest.fixture
def no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(java, "SYSTEM_FOLDER", tmp_path / "none")


@pytest.mark.usefixtures("no_java")
def test_without_java_or_maven_it_says_what_to_install() -> None:
    with pytest.raises(ServiceFailed, match=r"needs Java 17 to 23, which is not here\. Install"):
        java.find_java()
    with pytest.raises(ServiceFailed, match=r"Maven, which is not here\. Install Java 17 and"):
        java.find_maven()
    assert not java.java_and_maven_are_here()


@pytest.mark.usefixtures("no_java")
def test_a_java_that_is_too_new_or_too_old_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(install_java(tmp_path, "25.0.1")))
    monkeypatch.setenv("PATH", f"{install_java(tmp_path, '1.8.0_392')}/bin:/bin")
    with pytest.raises(ServiceFailed, match=r"java-25.0.1/bin/java is Java 25, .*is Java 1\."):
        java.find_java()


@pytest.mark.usefixtures("no_java")
def test_another_java_of_the_system_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{install_java(tmp_path, '25.0.1')}/bin:/bin")
    system = tmp_path / "jvm"
    (system).mkdir()
    found = install_java(tmp_path, "17.0.15").rename(system / "java-17-openjdk-amd64")
    monkeypatch.setattr(java, "SYSTEM_FOLDER", system)
    assert java.find_java() == found / "bin" / "java"


@pytest.mark.parametrize(
    ("environment", "services", "other"),
    [
        ({}, (), ""),
        ({"CGRAPH_SEARCH": "postgres", "CGRAPH_OPENSEARCH_URL": URL}, (), ""),
        ({"CGRAPH_OPENSEARCH_URL": URL}, (), ""),
        ({"CGRAPH_SEARCH": "opensearch"}, ("opensearch",), ""),
        ({"CGRAPH_SEARCH": "opensearch", "CGRAPH_OPENSEARCH_URL": f"{URL}/"}, (), URL),
    ],
)
def test_which_opensearch_is_used(
    environment: dict[str, str], services: tuple[str, ...], other: str
) -> None:
    assert search.services(environment) == services
    assert search.other_opensearch(environment) == other


@pytest.mark.parametrize(
    "environment",
    [
        {"CGRAPH_SEARCH": "elastic"},
        {"CGRAPH_SEARCH": "opensearch", "CGRAPH_OPENSEARCH_URL": "127.0.0.1:9200"},
        {"CGRAPH_SEARCH": "opensearch", "CGRAPH_OPENSEARCH_URL": f"{URL}/index"},
    ],
)
def test_what_is_no_engine_or_no_address_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must be"):
        search.other_opensearch(environment)
