"""An OpenID provider on loopback, by Authlib: real redirects, codes, state, PKCE and id_tokens."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Flask, jsonify, request
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "banjie", "s" * 32
KEY = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256", "kid": "one"})


class Client(ClientMixin):
    """Banjie, as the provider knows it."""

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/oauth-authorized/office")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Code(dict, AuthorizationCodeMixin):
    """One code: used once, for whoever typed the password at the provider."""

    def get_redirect_uri(self) -> str:
        return self["redirect_uri"]

    def get_scope(self) -> str:
        return self["scope"]

    def get_nonce(self) -> str:
        return self["nonce"]

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None

    @property
    def code_challenge(self) -> str:
        return self["code_challenge"]

    @property
    def code_challenge_method(self) -> str:
        return self["code_challenge_method"]


class Provider:
    """The server; `person` is who sits before it, as its claims."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.refuses = False
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, str]] = []
        self.server: Any = None
        self.app = self._app()

    @property
    def url(self) -> str:
        """Return where it listens; the same after a stop, when nobody does."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen on a free port."""
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def _app(self) -> Flask:
        app = Flask("provider")
        os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback has no certificate
        server = AuthorizationServer(
            app,
            query_client=lambda client_id: Client() if client_id == CLIENT else None,
            save_token=lambda token, req: self.tokens.update({token["access_token"]: req.user}),
        )
        server.register_grant(*_grant(self))
        app.add_url_rule("/authorize", "authorize", lambda: self._authorize(server))
        app.add_url_rule("/token", "token", server.create_token_response, methods=["POST"])
        app.add_url_rule("/userinfo", "userinfo", self._userinfo)
        app.add_url_rule("/keys", "keys", lambda: jsonify(keys=[KEY.as_dict(private=False)]))
        app.add_url_rule("/.well-known/openid-configuration", "about", self._about)
        return app

    def _authorize(self, server: AuthorizationServer) -> Any:
        self.asked.append(request.args.to_dict())
        grant = server.get_consent_grant(end_user=self.person)
        person = None if self.refuses else self.person
        return server.create_authorization_response(grant_user=person, grant=grant)

    def _userinfo(self) -> Any:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        person = self.tokens.get(token)
        return jsonify(person) if person else ("", 401)

    def _about(self) -> Any:
        url = self.url
        return jsonify(
            issuer=url, authorization_endpoint=f"{url}/authorize", token_endpoint=f"{url}/token",
            userinfo_endpoint=f"{url}/userinfo", jwks_uri=f"{url}/keys",
            id_token_signing_alg_values_supported=["RS256"],
        )  # fmt: skip


def _grant(provider: Provider) -> tuple[type, list[Any]]:
    class Grant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012

        def save_authorization_code(self, code: str, req: Any) -> None:
            data = req.payload.data
            facts = {name: data.get(name, "") for name in (
                "nonce", "code_challenge", "code_challenge_method")}  # fmt: skip
            provider.codes[code] = Code(
                facts, redirect_uri=req.payload.redirect_uri, scope=req.payload.scope,
                user=req.user, code=code,
            )  # fmt: skip

        def query_authorization_code(self, code: str, client: Any) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del provider.codes[authorization_code["code"]]

        def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
            return authorization_code["user"]

    class Tokens(OpenIDCode):
        def exists_nonce(self, nonce: str, req: Any) -> bool:
            return False

        def resolve_client_private_key(self, client: Any) -> RSAKey:
            return KEY

        def get_client_claims(self, client: Any) -> dict[str, Any]:
            return {"iss": provider.url, "aud": [CLIENT]}

        def generate_user_info(self, user: dict[str, Any], scope: str) -> UserInfo:
            return UserInfo(user)

    return Grant, [CodeChallenge(required=True), Tokens(require_nonce=True)]


@contextmanager
def running() -> Iterator[Provider]:
    """Yield a provider that listens."""
    provider = Provider()
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()
