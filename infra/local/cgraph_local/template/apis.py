"""The HTTP API and the WebSocket API of a stack."""

from collections.abc import Iterator, Mapping
from typing import Any

from cgraph_local.template.resolved_template import ResolvedTemplate
from cgraph_local.template.stack import Cors, HttpApi, HttpRoute, SocketApi, SocketRoute
from cgraph_local.template.stack_context import api_id

ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
CORS = "x-amazon-apigateway-cors"
BODY_KEYS = frozenset(("openapi", "info", "paths", "tags", CORS))
OPERATION_KEYS = frozenset(("responses", "parameters", "isDefaultRoute", INTEGRATION))
INTEGRATION_KEYS = frozenset(
    ("credentials", "httpMethod", "payloadFormatVersion", "timeoutInMillis", "type", "uri")
)


def api_resources(resolved: ResolvedTemplate) -> tuple[str | None, str | None]:
    """The logical ids of the HTTP API and of the WebSocket API. A second of a kind is a problem."""
    apis: dict[str, str] = {}
    for name, properties in resolved.resources("AWS::ApiGatewayV2::Api"):
        kind = "WEBSOCKET" if properties.get("ProtocolType") == "WEBSOCKET" else "HTTP"
        if kind in apis:
            resolved.add_problem(name, f"there is a second {kind} API beside {apis[kind]}")
        apis[kind] = name
    return apis.get("HTTP"), apis.get("WEBSOCKET")


def read_http_api(resolved: ResolvedTemplate, name: str) -> HttpApi:
    properties = dict(resolved.resources("AWS::ApiGatewayV2::Api"))[name]
    body = properties.get("Body", {})
    for key in body.keys() - BODY_KEYS:
        resolved.add_problem(name, f"{key} in its OpenAPI body is not supported locally")
    stage, rate, burst = _stage(resolved, name)
    return HttpApi(
        id=api_id(name),
        stage=stage,
        routes=tuple(_http_routes(resolved, name, body.get("paths", {}))),
        throttle_rate=rate,
        throttle_burst=burst,
        cors=_cors(body.get(CORS) or properties.get("CorsConfiguration")),
        stage_variables=_stage_variables(resolved, name),
    )


def read_socket_api(resolved: ResolvedTemplate, name: str) -> SocketApi:
    properties = dict(resolved.resources("AWS::ApiGatewayV2::Api"))[name]
    stage, rate, burst = _stage(resolved, name)
    return SocketApi(
        id=api_id(name),
        stage=stage,
        selection=properties["RouteSelectionExpression"],
        routes=tuple(_socket_routes(resolved, name)),
        throttle_rate=rate,
        throttle_burst=burst,
    )


def _http_routes(
    resolved: ResolvedTemplate, name: str, paths: Mapping[str, Mapping[str, Any]]
) -> Iterator[HttpRoute]:
    for path, operations in paths.items():
        for method, operation in operations.items():
            for key in operation.keys() - OPERATION_KEYS:
                resolved.add_problem(name, f"{key} of {method} {path} is not supported locally")
            integration = operation.get(INTEGRATION, {})
            for key in integration.keys() - INTEGRATION_KEYS:
                resolved.add_problem(name, f"{key} of {method} {path} is not supported locally")
            if integration.get("payloadFormatVersion") != "2.0":
                resolved.add_problem(name, f"{method} {path} has not the payload format 2.0")
            yield HttpRoute(
                method="ANY" if method == ANY else method.upper(),
                path=path,
                function=resolved.function_name(name, integration.get("uri")),
                timeout=integration.get("timeoutInMillis", 30_000) / 1000,
            )


def _socket_routes(resolved: ResolvedTemplate, api: str) -> Iterator[SocketRoute]:
    integrations = dict(resolved.resources("AWS::ApiGatewayV2::Integration"))
    responding = {
        properties["RouteId"]
        for _, properties in resolved.resources("AWS::ApiGatewayV2::RouteResponse")
    }
    for name, route in resolved.resources("AWS::ApiGatewayV2::Route"):
        if route["ApiId"] != api_id(api):
            resolved.add_problem(name, "routes of an HTTP API come from the functions' events")
            continue
        target = str(route.get("Target", "")).removeprefix("integrations/")
        integration = integrations.get(target, {})
        if integration.get("IntegrationType") != "AWS_PROXY":
            resolved.add_problem(name, f"{target or 'its integration'} is not that of a function")
            continue
        yield SocketRoute(
            key=route["RouteKey"],
            function=resolved.function_name(name, integration["IntegrationUri"]),
            responds=name in responding
            and route.get("RouteResponseSelectionExpression") == "$default",
            timeout=integration.get("TimeoutInMillis", 29_000) / 1000,
        )


def _stage(resolved: ResolvedTemplate, api: str) -> tuple[str, float | None, int | None]:
    for _, stage in resolved.resources("AWS::ApiGatewayV2::Stage"):
        if stage["ApiId"] == api_id(api):
            settings = stage.get("DefaultRouteSettings", {})
            rate, burst = (settings.get(f"Throttling{name}Limit") for name in ("Rate", "Burst"))
            return (
                str(stage["StageName"]),
                None if rate is None else float(rate),
                None if burst is None else int(burst),
            )
    resolved.add_problem(api, "it has no stage")
    return "", None, None


def _stage_variables(resolved: ResolvedTemplate, api: str) -> Mapping[str, str]:
    for _, stage in resolved.resources("AWS::ApiGatewayV2::Stage"):
        if stage["ApiId"] == api_id(api):
            return dict(stage.get("StageVariables", {}))
    return {}


def _cors(configuration: Mapping[str, Any] | None) -> Cors | None:
    if not configuration:
        return None
    settings = {key[0].lower() + key[1:]: value for key, value in configuration.items()}
    return Cors(
        allow_origins=tuple(filter(None, settings.get("allowOrigins", ()))),
        allow_methods=tuple(settings.get("allowMethods", ())),
        allow_headers=tuple(settings.get("allowHeaders", ())),
        expose_headers=tuple(settings.get("exposeHeaders", ())),
        allow_credentials=bool(settings.get("allowCredentials", False)),
        max_age=settings.get("maxAge"),
    )
