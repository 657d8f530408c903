"""Small templates, and how they are read."""

from pathlib import Path

from cgraph_local.template import Stack, StackContext
from cgraph_local.template.stack_reader import read_stack

HEAD = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  StageName: {Type: String, Default: production}
  DatabaseHost: {Type: String, Default: ""}
  Zones: {Type: CommaDelimitedList, Default: "a,b"}
Conditions:
  HasDatabase: !Not [!Equals [!Ref DatabaseHost, ""]]
  IsBoth: !And [!Condition HasDatabase, !Equals [!Ref StageName, local]]
  IsNeither: !Not [!Or [!Condition HasDatabase, !Condition IsBoth]]
Mappings:
  Sizes: {small: {memory: 256}}
Globals:
  Function: {Runtime: python3.13, CodeUri: functions/, Layers: [!Ref Ours]}
Resources:
  Ours: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/ours}}
"""
FUNCTION = """
  Greet:
    Type: AWS::Serverless::Function
    Properties: {Handler: api.greet.handler}
"""


def read_template(
    folder: Path, text: str, *, cache: Path | None = None, **parameters: str
) -> Stack:
    (folder / "functions").mkdir(exist_ok=True)
    package = folder / "layers" / "ours" / "ours"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    path = folder / "template.yaml"
    path.write_text(HEAD + text)
    context = StackContext(
        gateway_url="http://127.0.0.1:8000",
        emulator_url="http://127.0.0.1:4566",
        parameters={"StageName": "local", **parameters},
    )
    return read_stack(path, context=context, cache=cache)
