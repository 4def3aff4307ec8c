"""One Apache Kafka broker on this machine, which can be stopped, continued, killed and started again."""

from __future__ import annotations

import random
import shutil
import signal
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from quixnb.broker import Broker
from quixnb.token import KafkaSettings
from tests import environments
from tests.broker.clusters import connection, new_topic
from tests.fakes import fake_password

_START_S: Final = 60.0
_JVM: Final = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
# Where there is util-linux the broker dies with the tests, however these end.
_LEASH: Final = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
_KEYS_PASSWORD: Final = "of-a-key-made-for-one-run"


class User(NamedTuple):
    """One environment's credentials, as the portal gives them: its topics and groups are those with its prefix."""

    name: str
    password: str

    def settings(self, server: Server) -> dict[str, Any]:
        return {
            "bootstrap.servers": server.secure_address,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-256",
            "sasl.username": self.name,
            "sasl.password": self.password,
            "ssl.ca.pem": server.certificate,
        }


class Server:
    """A broker that is its own controller (KRaft). A context manager.

    Attributes
    ----------
    address
        Its open listener: who comes here may do everything.
    secure_address
        Its SASL_SSL listener, for users from `add_user`.

    Parameters
    ----------
    folder
        Its own; removed at the end.
    keys
        A store from `make_keys`, for the secure listener.
    session_ms
        How soon it may come back after it was killed: its former life must be over. Short is also shaky.
    """

    def __init__(self, folder: Path, keys: Path, *, session_ms: int = 9000) -> None:
        self._folder = folder
        plain, secure, controller = free_ports(3)
        self.address, self.secure_address = f"127.0.0.1:{plain}", f"127.0.0.1:{secure}"
        self._properties = folder / "server.properties"
        self._log = folder / "log.txt"
        self._properties.write_text(_configuration(folder, keys, session_ms, plain, secure, controller))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        self._java("kafka.tools.StorageTool", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", str(self._properties))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._folder)

    # ---- its life

    def start(self) -> None:
        """Start it, or let it go on; returns when it answers."""
        if self._process is not None:
            self.go_on()
        else:
            command = [*_LEASH, *self._command("kafka.Kafka"), str(self._properties)]
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._await_answer(self._process)

    def kill(self) -> None:
        """SIGKILL: nothing that it was about to do is done."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """It goes silent; connections to it stay open."""
        self._running.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._running.send_signal(signal.SIGCONT)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _START_S
        while time.monotonic() < until and process.poll() is None:
            try:
                if self.admin.list_topics(timeout=0.5).brokers:
                    return
            except KafkaException:
                pass  # not yet
        raise RuntimeError(f"Kafka did not start: {self._log.read_text()[-2000:]}")

    @cached_property
    def certificate(self) -> str:
        """What the secure listener shows, in PEM."""
        host, port = self.secure_address.split(":")
        return ssl.get_server_certificate((host, int(port)))

    # ---- what is on it

    @cached_property
    def admin(self) -> AdminClient:
        """A client that may do everything."""
        return AdminClient({"bootstrap.servers": self.address, "reconnect.backoff.max.ms": 200, "log_level": 0})

    def connect(self, *, connect_s: float = 10.0, **kafka: Any) -> Broker:
        """A connection without credentials; keywords are librdkafka settings with `_` for `.`."""
        return connection(self.address, connect_s=connect_s, **kafka)

    def connect_as(self, user: User, *, connect_s: float = 10.0, **kafka: Any) -> Broker:
        """A connection with an environment's credentials, as a session makes it; None leaves a setting out."""
        given = {**user.settings(self), **{name.replace("_", "."): value for name, value in kafka.items()}}
        settings = KafkaSettings({name: value for name, value in given.items() if value is not None}, "a test")
        return Broker(settings, group_prefix=f"{user.name}-", connect_s=connect_s)

    def topic(self, partitions: int = 1, *, prefix: str = "", **config: Any) -> str:
        """The ID of a new topic; keywords are its settings with `_` for `.`."""
        topic = NewTopic(
            prefix + new_topic(), partitions, config={name.replace("_", "."): str(v) for name, v in config.items()}
        )
        for made in self.admin.create_topics([topic]).values():
            made.result()
        while self.admin.list_topics(topic.topic, timeout=10).topics[topic.topic].error is not None:
            pass  # it is made, and the broker hears of it a moment later
        return str(topic.topic)

    def topics(self) -> set[str]:
        return set(self.admin.list_topics(timeout=10).topics)

    def add_user(self, name: str, *operations: AclOperation) -> User:
        """A user who may do `operations` with the topics whose IDs begin with their name, and read in their groups."""
        user = User(name, fake_password())
        scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
        upsertion = UserScramCredentialUpsertion(name, scram, user.password.encode())
        for done in self.admin.alter_user_scram_credentials([upsertion]).values():
            done.result()
        for operation in operations:
            self.allow(user, operation, f"{name}-")
        self.allow(user, AclOperation.READ, f"{name}-", of=ResourceType.GROUP)
        return user

    def allow(self, user: User, operation: AclOperation, prefix: str, of: ResourceType = ResourceType.TOPIC) -> None:
        """Let a user do something with all that is named with a prefix."""
        allowed = AclBinding(
            *(of, prefix, ResourcePatternType.PREFIXED, f"User:{user.name}", "*"), operation, AclPermissionType.ALLOW
        )
        for done in self.admin.create_acls([allowed]).values():
            done.result()

    # ---- its Java

    def say(self, tool: str, *arguments: str, lines: str) -> None:
        """Run one of Kafka's own console tools on the open listener, with `lines` as its input."""
        self._java(tool, "--bootstrap-server", self.address, *arguments, lines=lines)

    def _java(self, main: str, *arguments: str, lines: str = "") -> None:
        command = [*self._command(main), *arguments]
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, f"{main}: {done.stdout}{done.stderr}"

    def _command(self, main: str) -> list[str]:
        libraries = environments.libraries("kafka") / "*"
        return ["java", *_JVM, f"-Djava.io.tmpdir={self._folder}", "-cp", str(libraries), main]


def make_keys(store: Path) -> Path:
    """A new store with a key and a certificate for this machine; returns it."""
    whose = ("-alias", "kafka", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1,dns:localhost")
    command = ["keytool", "-genkeypair", *whose, "-keystore", str(store), "-storepass", _KEYS_PASSWORD]
    subprocess.run(command, check=True, capture_output=True)
    return store


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, below those that systems hand out.

    The broker's is free while it is dead. Were it among those handed out, a client that tries to connect again and
    again could be given it for its own end, and so be connected to itself.
    """
    with ExitStack() as taken:
        ports: list[int] = []
        while len(ports) < count:
            listener = taken.enter_context(socket.socket())
            try:
                listener.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            except OSError:
                continue
            ports.append(listener.getsockname()[1])
    return ports


def _configuration(folder: Path, keys: Path, session_ms: int, plain: int, secure: int, controller: int) -> str:
    return f"""
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{secure},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{secure}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={folder.as_posix()}/data

# As Quix Cloud: SCRAM over TLS, and what an environment may do goes by the prefix of its topics and groups.
sasl.enabled.mechanisms=SCRAM-SHA-256
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=\\
  org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.location={keys.as_posix()}
ssl.keystore.password={_KEYS_PASSWORD}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS

# Kafka's own default, and a trap: whoever asks for a topic makes it.
auto.create.topics.enable=true

# One broker, for a minute or two.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.backoff.ms=100
log.index.size.max.bytes=65536
broker.session.timeout.ms={session_ms}
broker.heartbeat.interval.ms={session_ms // 5}
"""
