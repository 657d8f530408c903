from cgraph.core.errors import Refusal


class MalformedFrame(Refusal):
    code, title = "malformed_frame", "The frame is not a JSON object with an action"


class UnknownAction(Refusal):
    status, code, title = 404, "unknown_action", "There is no such action"


class NotSubscribed(Refusal):
    status, code, title = 403, "not_subscribed", "Subscribe to the stream first"


class TooManyStreams(Refusal):
    status, code, title = 422, "too_many_streams", "A socket has all the streams it can have"


class RealtimeUnavailable(Refusal):
    status, code, title = 503, "realtime_unavailable", "Realtime does not answer: try again"
