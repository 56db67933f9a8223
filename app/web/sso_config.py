"""Single sign-on: what config.py says, in the words of Flask-AppBuilder and Authlib."""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from flask_appbuilder.const import AUTH_DB, AUTH_LDAP, AUTH_OAUTH

from app.domain.states import NEVER_GIVEN, Role
from app.models.roles import role_of
from config import Auth, SettingError, Settings

TYPES = {Auth.PASSWORD: AUTH_DB, Auth.LDAP: AUTH_LDAP, Auth.OAUTH: AUTH_OAUTH}
PROVIDER = "office"  # the one provider's name in addresses: /oauth-authorized/office
BAD_ROLES = (
    'BANJIE_SSO_ROLES 须为一个JSON对象，如 {"统一认证中的组": ["督办考核科"]}，'
    "角色名称见“角色授权”页。"
)
UNKNOWN_ROLE = "BANJIE_SSO_ROLES 中的“{name}”不是可分配的角色，角色名称见“角色授权”页。"
MISSING = "BANJIE_AUTH={auth} 时还须设置 {name}。"
NO_LIBRARY = "BANJIE_AUTH={auth} 需要另装组件，见 docs/deploy.md“统一身份认证”一节（make {auth}）。"
LIBRARIES = {Auth.LDAP: "ldap", Auth.OAUTH: "authlib"}
NEEDED = {
    Auth.PASSWORD: (),
    Auth.LDAP: ("ldap_server", "ldap_search"),
    Auth.OAUTH: ("oauth_client_id", "oauth_client_secret"),
}
# Without the provider's own description each address is needed.
ADDRESSES = ("oauth_authorize_url", "oauth_token_url", "oauth_userinfo_url")


def fab_config(settings: Settings) -> dict[str, Any]:
    """Return FAB's AUTH_… keys; refuses settings with which nobody could log in."""
    names = NEEDED[settings.auth]
    if settings.auth is Auth.OAUTH and not settings.oauth_metadata_url:
        names += ADDRESSES
    for name in names:
        if not getattr(settings, name):
            raise SettingError(MISSING.format(auth=settings.auth, name=f"BANJIE_{name.upper()}"))
    library = LIBRARIES.get(settings.auth)
    if library and find_spec(library) is None:
        raise SettingError(NO_LIBRARY.format(auth=settings.auth))
    found = {
        "AUTH_TYPE": TYPES[settings.auth],
        "AUTH_ROLES_MAPPING": role_mapping(settings.sso_roles),
        "AUTH_ROLES_SYNC_AT_LOGIN": settings.sso_sync_roles,
        "AUTH_USER_REGISTRATION": settings.sso_register,
    }
    ways = {Auth.LDAP: _ldap, Auth.OAUTH: _oauth}
    return found | (ways[settings.auth](settings) if settings.auth in ways else {})


def role_mapping(text: str) -> Mapping[str, list[str]]:
    """Return group → names of roles; refuses what is no role that may be given."""
    try:
        mapping = json.loads(text or "{}")
        pairs = [(key, list(names)) for key, names in mapping.items()]
    except (ValueError, AttributeError, TypeError):
        raise SettingError(BAD_ROLES) from None
    for _key, names in pairs:
        for name in names:
            role: Role | None = role_of(name) if isinstance(name, str) else None
            if role is None or role in NEVER_GIVEN:
                raise SettingError(UNKNOWN_ROLE.format(name=name))
    return dict(pairs)


def _ldap(settings: Settings) -> dict[str, Any]:
    return {
        "AUTH_LDAP_SERVER": settings.ldap_server,
        "AUTH_LDAP_USE_TLS": settings.ldap_starttls,
        # A certificate that does not verify ends it, whatever the server's own ldap.conf says.
        "AUTH_LDAP_TLS_DEMAND": True,
        "AUTH_LDAP_TLS_CACERTFILE": settings.ca_file,
        "AUTH_LDAP_SEARCH": settings.ldap_search,
        "AUTH_LDAP_SEARCH_FILTER": settings.ldap_filter,
        "AUTH_LDAP_BIND_USER": settings.ldap_bind_user,
        "AUTH_LDAP_BIND_PASSWORD": settings.ldap_bind_password,
        "AUTH_LDAP_USERNAME_FORMAT": settings.ldap_username_format,
        "AUTH_LDAP_UID_FIELD": settings.ldap_uid,
        "AUTH_LDAP_FIRSTNAME_FIELD": settings.ldap_fullname,
        "AUTH_LDAP_EMAIL_FIELD": settings.ldap_mail,
        "AUTH_LDAP_GROUP_FIELD": settings.ldap_groups,
    }


def _oauth(settings: Settings) -> dict[str, Any]:
    from app.fab.oauth import TimedApp

    remote: dict[str, Any] = {
        "client_cls": TimedApp,
        "client_id": settings.oauth_client_id,
        "client_secret": settings.oauth_client_secret,
        "server_metadata_url": settings.oauth_metadata_url or None,
        "authorize_url": settings.oauth_authorize_url or None,
        "access_token_url": settings.oauth_token_url or None,
        "client_kwargs": {"scope": settings.oauth_scope, "code_challenge_method": "S256"},
    }
    if settings.oauth_userinfo_url:
        remote["userinfo_endpoint"] = settings.oauth_userinfo_url
    if settings.oauth_ask_again:
        remote["authorize_params"] = {"prompt": "login"}
    if settings.ca_file:
        remote["client_kwargs"]["verify"] = settings.ca_file
    provider = {"name": PROVIDER, "icon": "fa-id-card", "remote_app": remote}
    return {
        "OAUTH_PROVIDERS": [provider],
        "OAUTH_CLAIMS": {
            "username": settings.oauth_username,
            "first_name": settings.oauth_fullname,
            "role_keys": settings.oauth_groups,
        },
    }
