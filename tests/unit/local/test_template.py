"""Reading templates: what they become."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from cgraph_local.cloud.template_parameters import local_stack_context
from cgraph_local.core.home import CHECKOUT
from cgraph_local.services import Endpoints
from cgraph_local.template import (
    BucketTrigger,
    HttpRoute,
    QueueTrigger,
    SocketRoute,
    StackContext,
    TemplateRefused,
)
from cgraph_local.template import translate as translation
from cgraph_local.template.stack_reader import read_stack
from cgraph_local.template.translate import translate
from tests.unit.local.templates import FUNCTION, HEAD, read_template


def test_the_real_template_is_supported_completely() -> None:
    endpoints = Endpoints(postgres_port=5432, valkey_port=6379, emulator_port=4566)
    context = local_stack_context(endpoints, port=8000)
    stack = read_stack(CHECKOUT / "template.yaml", context=context)
    assert stack.functions["SendMessage"].handler == "api.messages.send_message.handler"
    settings = stack.functions["SendMessage"].environment["SETTINGS"].splitlines()
    assert {"SOCKET_URL=ws://127.0.0.1:8000/ws", "DATABASE_PORT=5432"} <= set(settings)
    assert stack.http_api is not None
    assert HttpRoute("POST", "/messages", "SendMessage") in stack.http_api.routes
    assert stack.socket_api is not None
    assert SocketRoute("send", "Send", responds=True) in stack.socket_api.routes


def test_functions_have_their_settings_and_code_folders(tmp_path: Path) -> None:
    stack = read_template(
        tmp_path,
        """
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      Handler: api.greet.handler
      Timeout: 7
      MemorySize: !FindInMap [Sizes, small, memory]
      ReservedConcurrentExecutions: 3
""",
    )
    greet = stack.functions["Greet"]
    assert (greet.handler, greet.timeout, greet.memory_mb) == ("api.greet.handler", 7, 256)
    assert greet.reserved_concurrency == 3
    assert greet.code == tmp_path / "functions"
    assert greet.layers == (tmp_path / "layers" / "ours",)


def test_intrinsic_functions_are_evaluated(tmp_path: Path) -> None:
    stack = read_template(
        tmp_path,
        """
  Jobs: {Type: AWS::SQS::Queue}
  Ordered: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Kept: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Sub "JOBS=${Jobs}"}}
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      Handler: api.greet.handler
      Environment:
        Variables:
          URL: !Ref Jobs
          ORDERED: !GetAtt Ordered.QueueName
          SUB: !Sub "${AWS::Region}/${Jobs.Arn}/${!literal}"
          LOCAL_SUB: !Sub ["${a}-${StageName}", {a: !Join [".", [x, y]]}]
          CHOSEN: !If [HasDatabase, there, absent]
          BOTH: !If [IsBoth, both, !If [IsNeither, neither, one]]
          GONE: !If [HasDatabase, !Ref "AWS::NoValue", x]
          ZONE: !Select [1, !Ref Zones]
          HALF: !Select [0, !Split ["-", left-right]]
          ME: !GetAtt Other.Arn
          KEPT: !GetAtt Kept.Value
  Other:
    Type: AWS::Serverless::Function
    Properties: {Handler: api.other.handler}
""",
        DatabaseHost="127.0.0.1",
    )
    assert stack.functions["Greet"].environment == {
        "URL": "http://127.0.0.1:4566/000000000000/Jobs",
        "ORDERED": "Ordered.fifo",
        "SUB": "us-east-1/arn:aws:sqs:us-east-1:000000000000:Jobs/${literal}",
        "LOCAL_SUB": "x.y-local",
        "CHOSEN": "there",
        "BOTH": "both",
        "ZONE": "b",
        "HALF": "left",
        "ME": "arn:aws:lambda:us-east-1:000000000000:function:Other",
        "KEPT": "JOBS=http://127.0.0.1:4566/000000000000/Jobs",
    }


def test_addresses_of_the_apis_become_those_of_the_gateway(tmp_path: Path) -> None:
    stack = read_template(
        tmp_path,
        """
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefaultRouteSettings: {ThrottlingRateLimit: 10, ThrottlingBurstLimit: 5}
      CorsConfiguration: {AllowOrigins: [https://a.example], MaxAge: 600}
  Sockets:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      StageName: !Ref StageName
      Routes:
        $connect: {FunctionArn: !Ref Greet.Alias}
        send: {FunctionArn: !GetAtt Greet.Arn, RouteResponseSelectionExpression: $default,
               IntegrationTimeout: 9000}
        quiet: {FunctionArn: !GetAtt Greet.Arn, RouteResponseSelectionExpression: $default}
  SendReply:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: {ApiId: !Ref Sockets, RouteId: !Ref SocketsSendRoute, RouteResponseKey: $default}
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      Handler: api.greet.handler
      AutoPublishAlias: live
      Environment:
        Variables:
          HTTP: !Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/greetings"
          SOCKET: !Sub "wss://${Sockets}.execute-api.${AWS::Region}.amazonaws.com/${StageName}"
          MANAGE: !Sub "https://${Sockets}.execute-api.${AWS::Region}.amazonaws.com/${StageName}"
          OTHER: https://elsewhere.execute-api.us-east-1.amazonaws.com/x
      Events:
        One: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "/g/{id}"}}
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: ANY, Path: "/x/{rest+}",
              TimeoutInMillis: 5000}}
        Rest: {Type: HttpApi, Properties: {ApiId: !Ref Api}}
""",
    )
    assert stack.functions["Greet"].environment == {
        "HTTP": "http://127.0.0.1:8000/greetings",
        "SOCKET": "ws://127.0.0.1:8000/ws",
        "MANAGE": "http://127.0.0.1:8000/ws",
        "OTHER": "https://elsewhere.execute-api.us-east-1.amazonaws.com/x",
    }
    assert stack.http_api is not None
    assert set(stack.http_api.routes) == {
        HttpRoute("GET", "/g/{id}", "Greet"),
        HttpRoute("ANY", "/x/{rest+}", "Greet", timeout=5.0),
        HttpRoute("ANY", "$default", "Greet"),
    }
    assert (stack.http_api.throttle_rate, stack.http_api.throttle_burst) == (10.0, 5)
    assert stack.http_api.cors is not None
    assert stack.http_api.cors.allow_origins == ("https://a.example",)
    assert stack.http_api.cors.max_age == 600
    assert stack.socket_api is not None
    assert (stack.socket_api.stage, stack.socket_api.selection) == ("local", "$request.body.action")
    assert set(stack.socket_api.routes) == {
        SocketRoute("$connect", "Greet", responds=False),
        SocketRoute("send", "Greet", responds=True, timeout=9.0),
        SocketRoute("quiet", "Greet", responds=False),
    }


def test_queues_schedules_and_buckets_are_read_as_event_sources(tmp_path: Path) -> None:
    stack = read_template(
        tmp_path,
        """
  Dead: {Type: AWS::SQS::Queue}
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}
  Media: {Type: AWS::S3::Bucket}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Handler: workers.work.handler
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Jobs.Arn
            BatchSize: 50
            MaximumBatchingWindowInSeconds: 2
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 8}
        Never: {Type: Schedule, Properties: {Schedule: rate(1 minute), Enabled: false}}
        Night: {Type: ScheduleV2, Properties: {ScheduleExpression: "cron(0 3 * * ? *)",
                ScheduleExpressionTimezone: Europe/Berlin, Input: "{}"}}
        Uploaded:
          Type: S3
          Properties:
            Bucket: !Ref Media
            Events: s3:ObjectCreated:*
            Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}, {Name: suffix, Value: .png}]}}
""",
    )
    assert (stack.queues["Jobs"].dead_letter, stack.queues["Jobs"].max_receives) == ("Dead", 5)
    assert stack.queue_triggers == (
        QueueTrigger(
            function="Work",
            queue="Jobs",
            batch_size=50,
            window=2.0,
            maximum_concurrency=8,
            partial_failures=True,
        ),
    )
    night, never = sorted(stack.schedules, key=lambda schedule: schedule.kind, reverse=True)
    assert (night.kind, night.timezone, night.input) == ("scheduler", "Europe/Berlin", "{}")
    assert (never.kind, never.enabled) == ("rule", False)
    assert stack.bucket_triggers == (
        BucketTrigger(
            bucket="media",
            function="Work",
            events=("s3:ObjectCreated:*",),
            prefix="in/",
            suffix=".png",
        ),
    )


def test_a_resource_whose_condition_is_false_is_left_out(tmp_path: Path) -> None:
    queue = "\n  Jobs: {Type: AWS::SQS::Queue, Condition: HasDatabase}\n"
    assert not read_template(tmp_path, FUNCTION + queue).queues
    assert read_template(tmp_path, FUNCTION + queue, DatabaseHost="here").queues


def test_outputs_of_nested_stacks_come_from_the_context(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    (tmp_path / "functions").mkdir()
    path.write_text("""
Transform: AWS::Serverless-2016-10-31
Resources:
  Network: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: infra/network.yaml}}
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: functions/
      Handler: api.greet.handler
      Environment: {Variables: {HOST: !GetAtt Network.Outputs.Host}}
""")
    context = StackContext(
        gateway_url="http://g", emulator_url="http://e", outputs={"Network": {"Host": "h"}}
    )
    assert read_stack(path, context=context).functions["Greet"].environment == {"HOST": "h"}
    with pytest.raises(TemplateRefused, match=r"Outputs\.Host of Network"):
        read_stack(path, context=StackContext(gateway_url="http://g", emulator_url="http://e"))


def test_a_cached_translation_is_used_until_the_template_changes(tmp_path: Path) -> None:
    cache = tmp_path / "template.json"
    first = read_template(tmp_path, FUNCTION, cache=cache)
    cached = cache.read_text()
    assert read_template(tmp_path, FUNCTION, cache=cache) == first
    assert cache.read_text() == cached
    changed = read_template(tmp_path, FUNCTION.replace("greet", "welcome"), cache=cache)
    assert changed.functions["Greet"].handler == "api.welcome.handler"


def test_a_translation_is_the_same_as_with_copies_of_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`_uncopied_documents` reaches into the translator."""
    routes = (("Greet", "GET", "/a/{id}"), ("Meet", "PUT", "/a/{id}"), ("Part", "GET", "/b"))
    text = "".join(
        f"  {name}:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        f"      Handler: api.greet.handler\n      Events:\n        Http:\n          Type: HttpApi\n"
        f"          Properties: {{ApiId: !Ref Api, Method: {method}, Path: '{path}'}}\n"
        for name, method, path in routes
    )
    api = "  Api: {Type: AWS::Serverless::HttpApi, Properties: {StageName: $default}}\n"
    file = tmp_path / "template.yaml"
    file.write_text(HEAD + api + text)
    quick = translate(file, cache=None)
    monkeypatch.setattr(translation, "_uncopied_documents", nullcontext)
    assert translate(file, cache=None) == quick
    assert {*quick["Resources"]["Api"]["Properties"]["Body"]["paths"]} == {"/a/{id}", "/b"}
