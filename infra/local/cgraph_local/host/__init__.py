"""Runs the functions of a stack as Lambda does: one event at a time in each execution environment.

host = LambdaHost(functions, log=FunctionLogs(home.logs))
await host.start()
result = await host.invoke("SendMessage", event)              # a mapping, or JSON as bytes
result = await host.invoke("SendMessage", event, tail=True)   # result.log holds its log lines
host.statistics.report()                                      # JSON values, by function
await host.stop()
"""

from cgraph_local.host.invocation import InvocationError, InvocationResult
from cgraph_local.host.lambda_host import HostStatistics, LambdaHost, UnknownFunction

__all__ = ["HostStatistics", "InvocationError", "InvocationResult", "LambdaHost", "UnknownFunction"]
