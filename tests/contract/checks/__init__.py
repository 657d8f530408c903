"""The checks. Each reads a checkout and yields its problems; a problem says how to correct it."""

from collections.abc import Callable, Iterator

from tests.contract.checkout import Checkout
from tests.contract.checks import (
    capabilities,
    events,
    imports,
    layering,
    names,
    policies,
    queues,
    reads,
    refusals,
    roles,
    routes,
    settings,
    sizes,
    sockets,
    sql,
    statements,
    tests,
    visibility,
)

Check = Callable[[Checkout], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    names.every_function_has_its_file,
    names.every_file_is_deployed,
    names.no_folder_shadows_the_standard_library,
    routes.template_and_code_agree,
    routes.docstrings_name_the_route,
    routes.routes_are_integrated_alike,
    reads.what_reads_is_read_at_the_reader,
    policies.every_route_declares_a_policy,
    policies.every_action_declares_a_policy,
    policies.declared_policies_are_enforced,
    sockets.keys_differ_in_more_than_case,
    sockets.actions_are_routes,
    sockets.answered_actions_have_a_route_response,
    queues.every_queue_has_a_dead_letter_queue,
    queues.partial_failures_are_reported,
    queues.visibility_timeouts_are_long_enough,
    imports.functions_import_only_allowed_modules,
    layering.functions_are_entry_points,
    layering.queries_belong_to_their_package,
    layering.statements_are_in_queries,
    layering.actions_have_the_name_of_their_endpoint,
    settings.template_and_code_agree,
    settings.settings_fit,
    statements.no_statement_pins_a_session,
    sql.migrations_are_numbered,
    sql.schema_files_are_in_order_txt,
    sql.statements_are_in_their_folder,
    sql.schema_files_are_short,
    visibility.what_reads_posts_asks_who_sees_them,
    capabilities.roles_grant_what_the_code_uses,
    capabilities.every_aws_service_is_listed,
    roles.every_function_names_its_role,
    roles.roles_have_the_policies_of_lambda,
    roles.every_role_is_used,
    roles.no_two_roles_are_equal,
    roles.roles_are_named_after_their_capabilities,
    roles.schedules_may_invoke_their_functions,
    refusals.codes_are_unique,
    sizes.files_are_short,
    events.every_function_has_its_event,
    events.events_have_the_shape_of_aws,
    tests.every_route_has_its_feature_test,
    tests.every_list_query_has_its_plan_test,
)


def title(check: Check) -> str:
    """`routes.template_and_code_agree`"""
    return f"{check.__module__.rpartition('.')[2]}.{check.__name__}"
