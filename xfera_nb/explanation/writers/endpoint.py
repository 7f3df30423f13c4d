"""Request completions from a server that speaks OpenAI's API, and say what went wrong.

Units and limits
    Times in seconds. A try ends when nothing came for `timeout` seconds. The openai package tries
    again up to `MAX_RETRIES` times, with growing pauses, after HTTP 408, 409, 429 and 5xx, after a
    timeout, and where no connection came about.
Errors
    One sentence each. They do not quote the server, whose own words may hold the key.
"""

from __future__ import annotations

import ipaddress
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from xfera_nb.errors import WriterError

if TYPE_CHECKING:
    import openai

MAX_RETRIES = 2

UNREADABLE = ("gave an answer that cannot be read", "check that it speaks OpenAI's API")
EMPTY = ("gave an empty answer", "ask again, or choose another model")
CUT = ("broke off in mid-answer", "try again")
TOO_LONG = ("gave an answer without end", "choose another model")

# Local servers want some key in the header and ignore which.
_NO_KEY = "not-needed"


class RequestRefused(Exception):
    """Report that the server refused a request (HTTP 400, 422, 501) that has optional parts."""


class Endpoint:
    """Hold the connection to one server, with its key.

    Parameters
    ----------
    base_url : str
    key : str
        Empty where none is needed: on this machine.
    timeout : float

    Raises
    ------
    WriterError
        If `base_url` is no address, or there is no key for another machine.
    """

    def __init__(self, base_url: str, key: str, timeout: float) -> None:
        self.base_url, self.timeout = base_url, timeout
        self.host = parse_host(base_url)
        if not key and not is_local(self.host):
            raise WriterError(
                "There is no API key for the language model; set OPENAI_API_KEY, or use the "
                "offline writer."
            )
        self._key = key or _NO_KEY
        self._client: openai.OpenAI | None = None

    def __repr__(self) -> str:
        return f"Endpoint({self.host!r})"

    def complete(self, request: Mapping[str, Any], *, optional: bool) -> Any:
        """Request a chat completion.

        Parameters
        ----------
        request : mapping
        optional : bool
            Whether the request has something that can be left out; a refusal then raises
            `RequestRefused`.

        Raises
        ------
        WriterError
            One sentence that says what went wrong.
        """
        openai = _package()
        if self._client is None:
            self._client = openai.OpenAI(
                api_key=self._key,
                base_url=self.base_url,
                timeout=self.timeout,
                max_retries=MAX_RETRIES,
            )
        try:
            return self._client.chat.completions.create(**request)
        except openai.OpenAIError as error:
            if optional and getattr(error, "status_code", None) in (400, 422, 501):
                raise RequestRefused from None
            self._explain(error, openai, request["model"])
        except (ValueError, RecursionError):
            self.fail(*UNREADABLE)

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
        if "json" not in answer.response.headers.get("content-type", "").lower():
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
            case openai.APIConnectionError():
                what = "cannot be reached, or it broke off the connection"
                self.fail(what, "check the network and the base URL")
            case openai.AuthenticationError():
                self.fail("refused the API key", "check OPENAI_API_KEY")
            case openai.PermissionDeniedError():
                what = f'does not let this API key use the model "{model}"'
                self.fail(what, "choose another with XFERA_MODEL")
            case openai.NotFoundError():
                what = f'knows no model "{model}"'
                self.fail(what, "choose another with XFERA_MODEL, or check the base URL")
            case openai.RateLimitError(code="insufficient_quota"):
                self.fail("says that this account's quota is used up", "check its billing")
            case openai.RateLimitError():
                self.fail("takes no more requests for now", "wait a little and try again")
            case openai.APIStatusError(status_code=code) if code >= 500:
                self.fail(f"failed (HTTP {code})", "try again later")
            case openai.APIStatusError(status_code=code):
                what = f"refused the request (HTTP {code})"
                self.fail(what, "check that the model takes the temperature and the seed")
            case _:
                self.fail(*UNREADABLE)


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
