"""Request completions from a server that speaks OpenAI's API, and say what went wrong.

Units and limits
    Times in seconds. A try ends when nothing came for `timeout` seconds. The openai package tries
    again up to `MAX_RETRIES` times, with growing pauses, after HTTP 408, 409, 429 and 5xx, after a
    timeout, and where no connection came about.
Errors
    One sentence each. They do not quote the server, whose own words may hold the key.
Ways there
    An address on this machine is reached directly, whatever proxy the environment names; others by
    the environment's proxy and certificates. A proxy or a certificate file that cannot be used is a
    sentence that names the variable, and never its value, which may hold a password.
Azure
    A query in the base URL, such as ``?api-version=``, goes with every request, and the key also
    into the header ``api-key``, that is sent nowhere else: such a server may not redirect.
"""

from __future__ import annotations

import ipaddress
import json
import os
import ssl
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from xfera_nb.errors import WriterError
from xfera_nb.explanation.writers.refusals import (
    is_too_long,
    is_unknown_model,
    name_refused,
    names_replacement,
)

if TYPE_CHECKING:
    import openai

MAX_RETRIES = 2

UNREADABLE = ("gave an answer that cannot be read", "check that it speaks OpenAI's API")
EMPTY = ("gave an empty answer", "ask again, or choose another model")
CUT = ("broke off in mid-answer", "try again")
CUT_SHORT = (
    "stopped the answer at its limit of tokens before it was whole",
    "allow more by max_tokens in the model options, or choose another model",
)
FILTERED = (
    "withheld the answer or a part of it by its content filter",
    "choose another model, or the offline writer",
)
DECLINED = ("declined to answer", "choose another model, or the offline writer")
REPORTED = (
    "reported an error in place of an answer",
    "check the model, and the base URL, which mostly ends in /v1",
)
TOO_LONG = ("gave an answer without end", "choose another model")

# Local servers want some key in the header and ignore which.
_NO_KEY = "not-needed"


_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_PATH = "/chat/completions"


class RequestRefused(Exception):
    """Report that the server refused a request (HTTP 400, 422, 501) that has optional parts.

    Attributes
    ----------
    part : str or None
        The part that the server names; None if it names none.
    replaced : bool
        Whether the server says to give max_completion_tokens in its place.
    """

    def __init__(self, part: str | None, replaced: bool = False) -> None:
        super().__init__(part)
        self.part, self.replaced = part, replaced


class Endpoint:
    """Hold the connection to one server, with its key.

    Parameters
    ----------
    base_url : str
    key : str
        Empty where none is needed: on this machine.
    timeout : float
    follows_redirects : bool
        Whether the server may send a request on to another address.

    Attributes
    ----------
    host, place : str
        Host and port; the same with the path, where it is not just /v1.

    Raises
    ------
    WriterError
        If `base_url` is no address, or there is no key for another machine.
    """

    def __init__(
        self, base_url: str, key: str, timeout: float, *, follows_redirects: bool = True
    ) -> None:
        self.base_url, self.timeout = base_url, timeout
        self.host = parse_host(base_url)
        parts = urlsplit(base_url)
        self._query = dict(parse_qsl(parts.query))
        path = parts.path.rstrip("/").removesuffix(_PATH)
        self._address = urlunsplit(parts._replace(path=path, query="", fragment=""))
        self.place = self.host + ("" if path in ("", "/v1") else path)
        name = (parts.hostname or "").lower()
        self._follows_redirects = follows_redirects
        self._is_azure = "api-version" in self._query or name.endswith(_AZURE)
        if not key and not is_local(self.host):
            raise WriterError(
                "There is no API key for the language model; set OPENAI_API_KEY, or use the "
                "offline writer."
            )
        self._key = key or _NO_KEY
        self._client: openai.OpenAI | None = None

    def __repr__(self) -> str:
        return f"Endpoint({self.host!r})"

    def complete(
        self, request: Mapping[str, Any], *, optional: Sequence[str], droppable: bool
    ) -> Any:
        """Request a chat completion.

        Parameters
        ----------
        request : mapping
        optional : sequence of str
            Parts of the request that can be left out where the server names them.
        droppable : bool
            Whether the request has something to leave out where the server names nothing; a
            refusal then raises `RequestRefused` too.

        Raises
        ------
        RequestRefused
        WriterError
            One sentence that says what went wrong.
        """
        openai = _package()
        client = self._connect(openai)
        unreadable: tuple[type[Exception], ...] = (
            ValueError, RecursionError, *_http("InvalidURL"),
        )  # fmt: skip
        try:
            return client.chat.completions.create(**request)
        except openai.OpenAIError as error:
            refuses = getattr(error, "status_code", None) in (400, 422, 501)
            if refuses and not is_too_long(error):
                # Before the model: "'temperature' is not supported with this model".
                part = name_refused(error, optional)
                if part is not None or (droppable and not is_unknown_model(error)):
                    raise RequestRefused(part, names_replacement(error)) from None
            self._explain(error, openai, request["model"])
        except unreadable:
            self.fail(*UNREADABLE)

    def _connect(self, openai: Any) -> openai.OpenAI:
        """Return the client, made when it is first needed.

        Raises
        ------
        WriterError
            If the environment's proxy or certificates cannot be used.
        """
        if self._client is not None:
            return self._client
        local = is_local(self.host)
        unusable: tuple[type[Exception], ...] = (
            ImportError, ValueError, OSError, *_http("InvalidURL"),
        )  # fmt: skip
        try:
            web: dict[str, Any] = {"timeout": self.timeout}
            if local:
                # Never by a proxy. OpenSSL itself still reads the environment's certificates.
                web["trust_env"] = False
                if self._address.startswith("https:"):
                    web["verify"] = ssl.create_default_context()
            if self._is_azure or not self._follows_redirects:
                web["follow_redirects"] = False
            self._client = openai.OpenAI(
                api_key=self._key,
                base_url=self._address,
                default_query=self._query or None,
                default_headers={"api-key": self._key} if self._is_azure else None,
                timeout=self.timeout,
                max_retries=MAX_RETRIES,
                http_client=openai.DefaultHttpxClient(**web),
            )
        except unusable:
            raise WriterError(_describe_environment()) from None
        return self._client

    def whole(self, answer: Any) -> SimpleNamespace | None:
        """Return the whole completion where a server does not stream although it was asked to.

        Parameters
        ----------
        answer : openai.Stream
            Not read yet. It can be read as a stream where this returns None, even if the server
            calls a stream JSON.

        Returns
        -------
        SimpleNamespace or None
            With the attributes of the package's own class, as far as the server sent them.
        """
        kind = answer.response.headers.get("content-type", "").lower()
        if "html" in kind:
            self.fail(*UNREADABLE)
        if "json" not in kind:
            return None
        body = answer.response.read()
        if body.lstrip().startswith((b"data:", b"event:", b":")):
            return None
        try:
            read = json.loads(body, object_hook=lambda pairs: SimpleNamespace(**pairs))
        except (ValueError, RecursionError):
            self.fail(*UNREADABLE)
        if not isinstance(read, SimpleNamespace):
            self.fail(*UNREADABLE)
        return read

    @contextmanager
    def reading(self, model: str) -> Iterator[None]:
        """Turn what goes wrong while an answer streams in into one sentence."""
        openai = _package()
        try:
            yield
        except (openai.APITimeoutError, *_http("TimeoutException")):
            self._time_out()
        except (openai.APIConnectionError, *_http("HTTPError")):
            self.fail(*CUT)
        except openai.OpenAIError as error:
            self._explain(error, openai, model)
        except ValueError:
            self.fail(*UNREADABLE)

    def fail(self, what: str, advice: str) -> NoReturn:
        """Raise a WriterError: what the server did, and what to do next."""
        # From None: the package's own errors may quote the key.
        raise WriterError(f"The language model's server at {self.host} {what}; {advice}.") from (
            None
        )

    def _time_out(self) -> NoReturn:
        what = f"did not answer within {self.timeout:g} s"
        self.fail(what, "try again, or raise the timeout")

    def _explain(self, error: Exception, openai: Any, model: str) -> NoReturn:
        match error:
            case openai.APITimeoutError():
                self._time_out()
            case openai.APIStatusError() if is_too_long(error):
                what = "says that the prompt is longer than the model's context window"
                self.fail(what, "choose a model with a larger one, or another prompt")
            case openai.APIConnectionError():
                what = "cannot be reached, or it broke off the connection"
                self.fail(what, "check the network and the base URL")
            case openai.AuthenticationError():
                self.fail("refused the API key", "check OPENAI_API_KEY")
            case openai.PermissionDeniedError():
                what = f'does not let this API key use the model "{model}"'
                self.fail(what, "choose another with XFERA_MODEL")
            case openai.NotFoundError() | openai.APIStatusError() if (
                isinstance(error, openai.NotFoundError) or is_unknown_model(error)
            ):
                what = f'knows no model "{model}"'
                self.fail(what, "choose another (--model, XFERA_MODEL), or check the base URL")
            case openai.RateLimitError(code="insufficient_quota"):
                self.fail("says that this account's quota is used up", "check its billing")
            case openai.RateLimitError():
                self.fail("takes no more requests for now", "wait a little and try again")
            case openai.APIStatusError(status_code=code) if code >= 500:
                self.fail(f"failed (HTTP {code})", "try again later")
            case openai.APIStatusError(status_code=code):
                what = f"refused the request (HTTP {code})"
                self.fail(what, "check the model, its options and the base URL")
            case openai.APIResponseValidationError():
                self.fail(*UNREADABLE)
            case openai.APIError():  # in a stream
                self.fail("reported an error in mid-answer", "try again later")
            case _:
                self.fail(*UNREADABLE)


def _describe_environment() -> str:
    """Return the sentence about what hinders a connection: a proxy or certificates."""
    for name in (*_PROXIES, *map(str.lower, _PROXIES)):
        scheme = os.environ.get(name, "").partition("://")[0].lower()
        if "://" in os.environ.get(name, "") and scheme not in ("http", "https"):
            return (
                f"The proxy that the environment names in {name} has the scheme "
                f"{scheme[:20]}, which cannot be used here: give an http:// proxy, or unset it."
            )
    for name in _CERTIFICATES:
        if os.environ.get(name):
            return (
                f"The certificates that the environment names in {name} cannot be read: correct "
                "the path, or unset it."
            )
    return (
        "No connection can be made with the environment's settings: check HTTP_PROXY, HTTPS_PROXY, "
        "ALL_PROXY, NO_PROXY and the certificates."
    )


def parse_host(base_url: str) -> str:
    """Return host and port of an address, without a password that it may hold.

    Raises
    ------
    WriterError
        If it is no address.
    """
    try:
        parts = urlsplit(base_url)
        host, port, scheme = parts.hostname, parts.port, parts.scheme
    except ValueError:
        host, port, scheme = None, None, ""
    if not host or scheme not in ("http", "https"):
        raise WriterError(
            "The language model's base URL is no address; write it like "
            "http://localhost:11434/v1."
        )
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def is_local(host: str) -> bool:
    """Return whether a host is this machine."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _package() -> Any:
    try:
        import openai
    except ImportError:
        raise WriterError(
            "The openai package is missing; install it with `pip install openai`, or use the "
            "offline writer."
        ) from None
    return openai


def _http(name: str) -> list[type[Exception]]:
    """Return an exception class of each HTTP package that a version of openai uses."""
    packages = (sys.modules.get(package) for package in ("httpx", "httpx2"))
    return [getattr(package, name) for package in packages if package is not None]
