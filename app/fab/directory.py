"""FAB's LDAP settings, asked for one person: accounts are written by the application alone."""

import logging
from typing import Any

log = logging.getLogger(__name__)
SECONDS = 10


class ProviderDown(Exception):
    """The directory does not answer, or not as its settings say."""


class Directory:
    """Mixin for FAB's security manager; what FAB's own method does, without its own writing."""

    def ask_directory(self, username: str, password: str) -> dict[str, Any] | None:
        """Return username, first_name, email and role_keys if the password is right.

        A blank password is never sent: servers take it for an anonymous log-in.
        """
        if not username.strip() or not password.strip("\0 "):
            return None
        try:
            import ldap
        except ImportError as error:
            raise ProviderDown("python-ldap is not installed") from error
        try:
            return self._ask(ldap, username, password)
        except (ldap.LDAPError, OSError) as error:
            log.warning("LDAP: %r", error)
            raise ProviderDown(str(error)) from error

    def _ask(self, ldap: Any, username: str, password: str) -> dict[str, Any] | None:
        con = self._connection(ldap)
        try:
            found = (
                self._found_by_service(ldap, con, username, password)
                if self.auth_ldap_bind_user
                else self._found_by_itself(ldap, con, username, password)
            )
        finally:
            con.unbind_s()
        return found and self._person(username, found)

    def _connection(self, ldap: Any) -> Any:
        con = ldap.initialize(self.auth_ldap_server)
        con.set_option(ldap.OPT_REFERRALS, 0)
        con.set_option(ldap.OPT_NETWORK_TIMEOUT, SECONDS)
        con.set_option(ldap.OPT_TIMEOUT, SECONDS)
        if self.auth_ldap_tls_cacertfile:
            con.set_option(ldap.OPT_X_TLS_CACERTFILE, self.auth_ldap_tls_cacertfile)
        con.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
        con.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        if self.auth_ldap_use_tls:
            con.start_tls_s()
        return con

    def _found_by_service(self, ldap: Any, con: Any, username: str, password: str) -> Any:
        """Look the person up under the office's own service account, then try the password."""
        try:
            self._ldap_bind_indirect(ldap, con)
        except ldap.INVALID_CREDENTIALS as error:
            raise ProviderDown("AUTH_LDAP_BIND_USER is refused") from error
        dn, found = self._search_ldap(ldap, con, username)
        if dn is None or not self._ldap_bind(ldap, con, dn, password):
            return None
        return found

    def _found_by_itself(self, ldap: Any, con: Any, username: str, password: str) -> Any:
        """Try the password at the name the directory knows; look the person up under it."""
        from ldap.dn import escape_dn_chars

        name = username
        if self.auth_ldap_username_format:
            name = self.auth_ldap_username_format % escape_dn_chars(username)
        if not self._ldap_bind(ldap, con, name, password):
            return None
        return self._search_ldap(ldap, con, username)[1]

    def _person(self, username: str, found: dict[str, Any]) -> dict[str, Any]:
        return {
            "username": username,
            "first_name": self.ldap_extract(found, self.auth_ldap_firstname_field, username),
            "email": self.ldap_extract(found, self.auth_ldap_email_field, ""),
            "role_keys": self.ldap_extract_list(found, self.auth_ldap_group_field),
        }
