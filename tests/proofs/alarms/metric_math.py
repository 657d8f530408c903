"""Metric math of CloudWatch, as far as alarms may use it and ours do.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (2026-11-28):
an operation on two series has a value only where both have one; a comparison gives 1 or 0; IF takes
its branches point by point. A division by 0 gives no value.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping

from tests.proofs.alarms.series import Series

Value = float | Series
Binary = Callable[[float, float], float]

OPERATORS: Mapping[type[ast.AST], Binary] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: lambda left, right: float(left > right),
    ast.GtE: lambda left, right: float(left >= right),
    ast.Lt: lambda left, right: float(left < right),
    ast.LtE: lambda left, right: float(left <= right),
    ast.Eq: lambda left, right: float(left == right),
    ast.NotEq: lambda left, right: float(left != right),
    ast.And: lambda left, right: float(bool(left) and bool(right)),
    ast.Or: lambda left, right: float(bool(left) or bool(right)),
}
WORDS = ((r"\bAND\b|&&", " and "), (r"\bOR\b|\|\|", " or "))


class UnknownMath(Exception):
    """The expression uses what this evaluator does not know, so that it can prove nothing."""


class Evaluator:
    """`metrics`: the series by id. `periods`: the numbers of those that are evaluated, which FILL
    fills. `fills_empty`: whether FILL fills a metric that has no point in any of them, which is not
    documented.
    """

    def __init__(
        self, metrics: Mapping[str, Series], *, periods: range, fills_empty: bool = True
    ) -> None:
        self._metrics = metrics
        self._periods = periods
        self._fills_empty = fills_empty

    def evaluate(self, expression: str) -> Series:
        for pattern, word in WORDS:
            expression = re.sub(pattern, word, expression)
        value = self._value(ast.parse(expression.strip(), mode="eval").body)
        return dict.fromkeys(self._periods, value) if isinstance(value, float) else value

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                return self._metrics[name]
            case ast.BinOp(left=left, op=symbol, right=right):
                return self._both(symbol, self._value(left), self._value(right))
            case ast.Compare(left=left, ops=[symbol], comparators=[right]):
                return self._both(symbol, self._value(left), self._value(right))
            case ast.BoolOp(op=symbol, values=[left, right]):
                return self._both(symbol, self._value(left), self._value(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._both(ast.Sub(), 0.0, self._value(operand))
            case ast.Call(func=ast.Name(id=function), args=arguments):
                return self._call(function, arguments)
        raise UnknownMath(ast.unparse(node))

    def _both(self, symbol: ast.AST, left: Value, right: Value) -> Value:
        if type(symbol) not in OPERATORS:
            raise UnknownMath(type(symbol).__name__)
        apply = OPERATORS[type(symbol)]
        if isinstance(left, float) and isinstance(right, float):
            return apply(left, right)
        result = {}
        for period in self._periods:
            first, second = _at(left, period), _at(right, period)
            if first is None or second is None:
                continue
            if isinstance(symbol, ast.Div) and second == 0:
                continue
            result[period] = apply(first, second)
        return result

    def _call(self, function: str, arguments: list[ast.expr]) -> Value:
        if function == "IF" and len(arguments) == 3:
            return self._if(*(self._value(each) for each in arguments))
        if function == "MAX" and len(arguments) == 1 and isinstance(arguments[0], ast.List):
            return self._max([self._value(each) for each in arguments[0].elts])
        if function == "FILL" and len(arguments) == 2:
            return self._fill(self._value(arguments[0]), self._value(arguments[1]))
        raise UnknownMath(function)

    def _if(self, condition: Value, then: Value, otherwise: Value) -> Value:
        result = {}
        for period in self._periods:
            decided = _at(condition, period)
            if decided is None:
                continue
            value = _at(then if decided else otherwise, period)
            if value is not None:
                result[period] = value
        return result

    def _max(self, values: list[Value]) -> Series:
        """Where a series has no point, of the others."""
        points = {period: [_at(value, period) for value in values] for period in self._periods}
        present = {
            at: [value for value in some if value is not None] for at, some in points.items()
        }
        return {period: max(some) for period, some in present.items() if some}

    def _fill(self, series: Value, constant: Value) -> Value:
        if isinstance(series, float) or not isinstance(constant, float):
            raise UnknownMath("FILL takes a series and a number")
        if not series and not self._fills_empty:
            return {}
        return {period: series.get(period, constant) for period in self._periods}


def _at(value: Value, period: int) -> float | None:
    return value if isinstance(value, float) else value.get(period)
