"""Reading templates: what is refused, and with which words."""

from pathlib import Path

import pytest

from cgraph_local.template import TemplateRefused
from tests.unit.local.templates import FUNCTION, read_template


def refused_problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(TemplateRefused) as error:
        read_template(folder, text)
    return [str(problem) for problem in error.value.problems]


def test_everything_that_is_not_supported_is_reported_at_once(tmp_path: Path) -> None:
    problems = refused_problems(
        tmp_path,
        """
  Table: {Type: AWS::DynamoDB::Table, Properties: {}}
  Media: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}
  Jobs: {Type: AWS::SQS::Queue}
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      Handler: api.greet.handler
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Jobs.Arn}
      Policies: [!Ref NoSuchPolicy]
      Events:
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn,
                FilterCriteria: {Filters: [{Pattern: "{}"}]}}}
        Odd: {Type: Schedule, Properties: {Schedule: rate(1 fortnight)}}
""",
    )
    assert sorted(problems) == [
        "Greet (AWS::Lambda::Function): the property DeadLetterConfig is not supported locally",
        "GreetOdd (AWS::Events::Rule): rate(1 fortnight) is neither rate(…) nor cron(…)",
        "GreetQueue (AWS::Lambda::EventSourceMapping): "
        "the property FilterCriteria is not supported locally",
        "GreetRole (AWS::IAM::Role): there is no resource or parameter NoSuchPolicy",
        "Media (AWS::S3::Bucket): the property VersioningConfiguration is not supported locally",
        "Table (AWS::DynamoDB::Table): the local cloud does not support this type",
    ]


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("!Ref Nobody", "there is no resource or parameter Nobody"),
        ("!GetAtt Greet.Colour", "the attribute Colour of Greet"),
        ("!ImportValue x", "Fn::ImportValue is not supported locally"),
        ("!FindInMap [Sizes, huge, memory]", "there is no Sizes.huge.memory in Mappings"),
        ("!If [IsOdd, a, b]", "there is no condition IsOdd"),
    ],
)
def test_unresolvable_values_are_refused(tmp_path: Path, variable: str, message: str) -> None:
    problems = refused_problems(
        tmp_path,
        f"""
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      Handler: api.greet.handler
      Environment: {{Variables: {{X: {variable}}}}}
""",
    )
    assert any(message in problem for problem in problems), problems


def test_errors_of_the_translator_are_problems_of_the_template(tmp_path: Path) -> None:
    sockets = """
  Sockets:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Routes: {message.send: {FunctionArn: !GetAtt Greet.Arn}}
"""
    assert "Sockets" in refused_problems(tmp_path, FUNCTION + sockets)[0]
