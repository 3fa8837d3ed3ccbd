"""An OpenID Connect issuer (PyJWT): prints its port, then answers each line of JSON with one.

{"mint": {"key", "alg", "claims", "headers"}}  -> {"token"}: signed by a key of the list below; "hmac" signs with its public PEM
{"serve": {"keys": [...], "alg": bool, "status", "issuer", "jwks_uri", "padding"}} -> {}: what discovery and key set say from now on
{"count": true} -> {"discovery", "jwks", "other"}: requests so far; `other` is every path that nobody should ask for
"""

import base64
import hashlib
import hmac
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

PRIVATE = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "next": rsa.generate_private_key(65537, 2048),
    "stranger": rsa.generate_private_key(65537, 2048),
    "ec": ec.generate_private_key(ec.SECP256R1()),
    "ed": ed25519.Ed25519PrivateKey.generate(),
}
ALG = {"rsa": "RS256", "next": "RS256", "stranger": "RS256", "ec": "ES256", "ed": "EdDSA"}
MAKER = {"ec": ECAlgorithm, "ed": OKPAlgorithm}

serving = {"keys": ["rsa", "ec", "ed"], "alg": True, "status": 200, "issuer": None, "jwks_uri": None, "padding": 0}
counts = {"discovery": 0, "jwks": 0, "other": 0}
lock = threading.Lock()


def jwk(name):
    key = MAKER.get(name, RSAAlgorithm).to_jwk(PRIVATE[name].public_key(), as_dict=True)
    key.update({"kid": name, "use": "sig"})
    if serving["alg"]:
        key["alg"] = ALG[name]
    return key


def part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def mint(key, alg, claims, headers):
    payload = json.dumps(claims).encode()
    if alg == "hmac":
        pem = PRIVATE[key].public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        signed = part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": key, **headers}).encode()) + b"." + part(payload)
        return (signed + b"." + part(hmac.new(pem, signed, hashlib.sha256).digest())).decode()
    return jwt.PyJWS().encode(payload, PRIVATE[key], algorithm=alg, headers=headers)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        here = f"http://127.0.0.1:{server.server_address[1]}"
        if self.path == "/.well-known/openid-configuration":
            kind = "discovery"
            body = {"issuer": serving["issuer"] or here, "jwks_uri": serving["jwks_uri"] or here + "/keys"}
        elif self.path == "/keys":
            kind, body = "jwks", {"keys": [jwk(name) for name in serving["keys"]], "padding": "x" * serving["padding"]}
        else:
            kind, body = "other", {"keys": [jwk("stranger")]}
        with lock:
            counts[kind] += 1
        body = json.dumps(body).encode()
        self.send_response(serving["status"])
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
for line in sys.stdin:
    question = json.loads(line)
    answer = {}
    if "mint" in question:
        answer = {"token": mint(**question["mint"])}
    if "serve" in question:
        serving.update(question["serve"])
    if "count" in question:
        with lock:
            answer = dict(counts)
    print(json.dumps(answer), flush=True)
