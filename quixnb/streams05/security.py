"""How a Kafka client of Quix Streams 0.5 proves who it is."""

from __future__ import annotations

from typing import Any, Final

from quixnb.streams05.enums import SaslMechanism
from quixnb.token import KafkaSettings

_MECHANISMS: Final = {
    SaslMechanism.Gssapi: "GSSAPI",
    SaslMechanism.Plain: "PLAIN",
    SaslMechanism.ScramSha256: "SCRAM-SHA-256",
    SaslMechanism.ScramSha512: "SCRAM-SHA-512",
    SaslMechanism.OAuthBearer: "OAUTHBEARER",
}


class SecurityOptions:
    """TLS with SASL. It prints without its password.

    Parameters
    ----------
    ssl_certificates
        Path of the file or folder with the certificates of the authority that signed the broker's; None takes the
        system's.
    username, password
        Of the client.
    sasl_mechanism
        How they are sent.
    """

    def __init__(
        self,
        ssl_certificates: str | None,
        username: str,
        password: str,
        sasl_mechanism: SaslMechanism | None = SaslMechanism.ScramSha256,
    ) -> None:
        settings: dict[str, Any] = {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": _MECHANISMS[sasl_mechanism or SaslMechanism.ScramSha256],
            "sasl.username": username,
            "sasl.password": password,
        }
        if ssl_certificates is not None:
            settings["ssl.ca.location"] = ssl_certificates
        self.settings = KafkaSettings(settings, "SecurityOptions")

    def __repr__(self) -> str:
        return "<SecurityOptions>"
