"""A server that speaks OpenAI's API: asking it, trying again, and saying what went wrong.

Units and limits
    Times in seconds. A try ends when nothing came for `timeout` seconds. At most `MAX_TRIES` tries
    are made, with pauses of at most `LONGEST_PAUSE` between them, and only after HTTP 429 and 5xx
    or where no connection came about. A timeout is not tried again: the person has waited.
Errors
    One sentence each. They do not quote the server, whose own words may hold the key.
"""

from __future__ import annotations

import ipaddress
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from xfera_nb.errors import WriterError

if TYPE_CHECKING:
    import openai

MAX_TRIES = 3
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0

UNREADABLE = ("gave an answer that cannot be read", "check that it speaks OpenAI's API")
EMPTY = ("gave an empty answer", "ask again, or choose another model")
CUT = ("broke off in mid-answer", "try again")
TOO_LONG = ("gave an answer without end", "choose another model")

# Local servers want some key in the header and ignore which.
_NO_KEY = "not-needed"


class Refused(Exception):
    """The server refused the request as it is (HTTP 400, 422 or 501); less may be asked of it."""


class Endpoint:
    """One server with its key.

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
        self.place = place_of(base_url)
        if not key and not is_local(self.place):
            raise WriterError(
                "There is no API key for the language model; set OPENAI_API_KEY, or use the "
                "offline writer."
            )
        self._key = key or _NO_KEY
        self._client: openai.OpenAI | None = None

    def __repr__(self) -> str:
        return f"Endpoint({self.place!r})"

    def ask(self, request: Mapping[str, Any], *, optional: bool) -> Any:
        """Ask for a chat completion.

        Parameters
        ----------
        request : mapping
        optional : bool
            Whether it asks for something that can be left out: then a refusal is `Refused`.

        Raises
        ------
        WriterError
            One sentence on what went wrong.
        """
        openai = _package()
        if self._client is None:
            # Its own retries are off: it tries again after a timeout, and may pause two minutes.
            self._client = openai.OpenAI(
                api_key=self._key, base_url=self.base_url, timeout=self.timeout, max_retries=0
            )
        tries = 0
        while True:
            tries += 1
            try:
                return self._client.chat.completions.create(**request)
            except openai.APIStatusError as error:
                if optional and error.status_code in (400, 422, 501):
                    raise Refused from None
                if tries == MAX_TRIES or not _may_pass(error, openai):
                    self._explain(error, openai, request["model"])
                time.sleep(_pause(tries, error))
            except openai.OpenAIError as error:
                if tries == MAX_TRIES or not _may_pass(error, openai):
                    self._explain(error, openai, request["model"])
                time.sleep(_pause(tries, error))
            except (ValueError, RecursionError):
                self.fail(*UNREADABLE)

    def whole(self, answer: Any) -> SimpleNamespace | None:
        """The whole completion, where a server gave one though it was asked for a stream.

        Parameters
        ----------
        answer : openai.Stream
            Nothing of it read yet; it can be read as a stream where this returns None, even if the
            server calls a stream JSON.

        Returns
        -------
        SimpleNamespace or None
            With attributes as the package's own; only what the server sent is there.
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
        """Turns what may go wrong while an answer streams in into one sentence."""
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
        raise WriterError(f"The language model's server at {self.place} {what}; {advice}.") from (
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


def place_of(base_url: str) -> str:
    """Host and port of an address, without a password that it may hold.

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


def is_local(place: str) -> bool:
    """Whether a host is this machine."""
    host = urlsplit(f"//{place}").hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
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
    """An exception of the package underneath, which is another one in newer versions of openai."""
    there = (sys.modules.get(package) for package in ("httpx", "httpx2"))
    return [getattr(package, name) for package in there if package is not None]


def _may_pass(error: Exception, openai: Any) -> bool:
    if isinstance(error, openai.APIConnectionError):
        return not isinstance(error, openai.APITimeoutError)
    if isinstance(error, openai.RateLimitError):
        return bool(error.code != "insufficient_quota")
    return isinstance(error, openai.APIStatusError) and bool(error.status_code >= 500)


def _pause(tries: int, error: Exception) -> float:
    response = getattr(error, "response", None)
    asked = "" if response is None else response.headers.get("retry-after", "")
    seconds = float(asked) if asked.isdecimal() else FIRST_PAUSE * 2 ** (tries - 1)
    return min(seconds, LONGEST_PAUSE)
