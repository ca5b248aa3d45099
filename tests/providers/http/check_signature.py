#!/usr/bin/env python3
"""Checks the SDK-HMAC-SHA256 signature of a recorded HTTP request.

usage: check_signature.py FILE, with the secret key in the variable SECRET_KEY. Written from the signing guide and
nothing else, as a second opinion on what the client signs. Ends with 0 when the signature holds, else with 1.
"""
import hashlib
import hmac
import os
import sys
from urllib.parse import quote, unquote


def canonical_query(query):
    pairs = []
    for part in query.split("&") if query else []:
        name, _, value = part.partition("=")
        pairs.append((unquote(name), unquote(value)))
    return "&".join(quote(name, safe="~") + "=" + quote(value, safe="~") for name, value in sorted(pairs))


def canonical_path(path):
    path = "/".join(quote(segment, safe="~") for segment in unquote(path).split("/"))
    return path if path.endswith("/") else path + "/"


def main():
    with open(sys.argv[1], "rb") as file:
        head, _, body = file.read().partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    path, _, query = target.partition("?")

    scheme, _, rest = headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    names = parts["SignedHeaders"].split(";")
    if scheme != "SDK-HMAC-SHA256" or names != sorted(names) or "x-sdk-date" not in names:
        sys.exit("the Authorization header is not as the guide has it")
    if not {"host", "x-project-id"} <= set(names):
        sys.exit("host and project are not signed")

    payload = headers.get("x-sdk-content-sha256") if body else None
    payload = payload or hashlib.sha256(body).hexdigest()
    canonical = "\n".join(
        [method.upper(), canonical_path(path), canonical_query(query)]
        + [name + ":" + headers[name] for name in names]
        + ["", ";".join(names), payload]
    )
    digest = hashlib.sha256(canonical.encode("utf-8")).hexdigest()
    to_sign = "\n".join([scheme, headers["x-sdk-date"], digest])
    expected = hmac.new(os.environ["SECRET_KEY"].encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    if expected != parts["Signature"]:
        sys.exit("the signature is not that of this request:\n" + canonical)


main()
