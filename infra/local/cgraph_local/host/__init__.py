"""Runs the functions of a stack as Lambda does: one event at a time in each environment.

host = LambdaHost(functions, log=FunctionLogs(home.logs))
await host.start()
invocation = await host.invoke("SendMessage", event)      # a mapping, or JSON as bytes
invocation = await host.invoke("SendMessage", event, tail=True)   # .log has its lines
host.statistics.report()                                  # JSON-able, by function
await host.stop()
"""

from cgraph_local.host.invocation import Error, Invocation
from cgraph_local.host.lambda_host import HostStatistics, LambdaHost, UnknownFunction

__all__ = ["Error", "HostStatistics", "Invocation", "LambdaHost", "UnknownFunction"]
