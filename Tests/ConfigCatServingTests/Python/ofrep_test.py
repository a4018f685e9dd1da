"""Asks the server with OpenFeature's SDK and its provider of OFREP. Arguments: the base URLs of two replicas, which have
two configs, "shop" and "empty". Prints "passed", or fails with what differs."""

import json
import sys
import urllib.request

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason


def client(config, url):
    headers = (lambda: {"X-ConfigCat-SdkId": config}) if config else None
    api.set_provider(OFREPProvider(url, headers_factory=headers, timeout=60), f"{config} {url}")
    return api.get_client(f"{config} {url}")


def expect(actual, **expected):
    for name, value in expected.items():
        found = getattr(actual, name)
        assert found == value and type(found) is type(value), f"{name} is {found!r} instead of {value!r} in {actual}"


def details(shop):
    jane = EvaluationContext("1", {"email": "jane@example.com"})
    # The four types, and an object as the JSON of a string.
    expect(shop.get_boolean_details("flag", False), value=True, reason=Reason.STATIC, variant="v_flag", error_code=None)
    expect(shop.get_string_details("text", ""), value="plain", reason=Reason.STATIC, variant="v_text")
    expect(shop.get_integer_details("limit", 0), value=5, reason=Reason.STATIC, variant="v_limit")
    expect(shop.get_float_details("rate", 0.0), value=2.0, reason=Reason.STATIC, variant="v_rate")
    expect(shop.get_string_details("json", ""), value='{"a":1}', reason=Reason.STATIC, variant="", error_code=None)
    expect(shop.get_boolean_details("a/b c%é", False), value=True, variant="v_odd")
    # Reasons.
    expect(shop.get_string_details("text", "", jane), value="inside", reason=Reason.TARGETING_MATCH, variant="v_inside")
    assert shop.get_string_details("split", "", EvaluationContext("435170f4")).reason == Reason.SPLIT
    # Boolean, nested and missing attributes.
    for beta, value in [(True, "beta"), (False, "plain"), ("true", "beta")]:
        expect(shop.get_string_details("text", "", EvaluationContext("1", {"beta": beta})), value=value)
    expect(shop.get_boolean_details("flag", False, EvaluationContext(None, {"a": [1, {"b": None}], "c": 1.5})), value=True)
    # Errors.
    expect(shop.get_boolean_details("missing", False), value=False, reason=Reason.ERROR, error_code=ErrorCode.FLAG_NOT_FOUND)
    expect(shop.get_string_details("flag", "x"), value="x", reason=Reason.ERROR, error_code=ErrorCode.TYPE_MISMATCH)
    expect(shop.get_boolean_details("broken", True), value=True, reason=Reason.ERROR, error_code=ErrorCode.PARSE_ERROR)
    wrong = EvaluationContext("1", {"email": 5})
    expect(shop.get_boolean_details("flag", False, wrong), value=False, error_code=ErrorCode.INVALID_CONTEXT)


def post(url, body, headers):
    request = urllib.request.Request(
        url + "/ofrep/v1/evaluate/flags", json.dumps(body).encode(),
        {"Content-Type": "application/json", "X-ConfigCat-SdkId": "shop", **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def bulk(first, second):
    context = {"context": {"targetingKey": "1", "plan": "pro", "email": "jane@example.com"}}
    status, headers, body = post(first, context, {})
    assert status == 200, status
    flags = {flag["key"]: flag for flag in json.loads(body)["flags"]}
    assert flags["text"]["value"] == "inside" and flags["broken"]["errorCode"] == "PARSE_ERROR", flags
    for url in [first, second]:
        status, again, body = post(url, context, {"If-None-Match": headers["ETag"]})
        assert (status, body, again["ETag"]) == (304, b"", headers["ETag"]), (status, body)
    status, _, _ = post(second, {"context": {"targetingKey": "2"}}, {"If-None-Match": headers["ETag"]})
    assert status == 200, status


first, second = sys.argv[1:]
details(client("shop", first))
details(client("shop", second))
# A config is named if there are several.
expect(client("", first).get_boolean_details("flag", False), value=False, error_code=ErrorCode.GENERAL)
expect(client("empty", first).get_boolean_details("flag", False), error_code=ErrorCode.FLAG_NOT_FOUND)
bulk(first, second)
print("passed")
