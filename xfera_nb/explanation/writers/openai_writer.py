"""A writer that asks a language model behind any OpenAI-compatible endpoint.

Units and limits
    Times in seconds. A try ends when nothing came for `timeout` seconds. At most `MAX_TRIES` tries
    are made, with pauses of at most `LONGEST_PAUSE` between them, and only after HTTP 429 and 5xx
    or where no connection came about. A timeout is not tried again: the person has waited.
Source
    The XFERa paper (Macchiarulo et al. 2025, section 2.1) used GPT-4; `DEFAULT_MODEL` is a
    successor. Temperature is 0 unless told: the paper does not give its own.
What leaves the machine
    The two texts of the prompt, never a picture. The key goes to the endpoint and nowhere else:
    not into a repr, and not into an error, which is why errors do not quote the server.
"""

from __future__ import annotations

import ipaddress
import os
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from xfera_nb.errors import WriterError
from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.prompts import Prompt
from xfera_nb.explanation.writers.base import Draft

if TYPE_CHECKING:
    import openai

DEFAULT_MODEL = "gpt-4o"
DEFAULT_BASE_URL = "https://api.openai.com/v1"
DEFAULT_TIMEOUT = 60.0
MAX_TRIES = 3
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0

# Local servers want some key in the header and ignore which.
_NO_KEY = "not-needed"

_UNREADABLE = ("gave an answer that cannot be read", "check that it speaks OpenAI's API")
_EMPTY = ("gave an empty answer", "ask again, or choose another model")


class OpenAIWriter:
    """Asks a language model through the ``openai`` package.

    Parameters
    ----------
    model : str, optional
        Else the environment's XFERA_MODEL or OPENAI_MODEL, else `DEFAULT_MODEL`.
    base_url : str, optional
        Of the endpoint, mostly ending in ``/v1``. Else the environment's OPENAI_BASE_URL, else
        OpenAI's own.
    api_key : str, optional
        Else the environment's OPENAI_API_KEY. Not needed where `base_url` is on this machine.
    temperature : float or None
        0 to 2; None leaves it to the server (some models refuse to be told).
    seed : int, optional
        Sent if given; a server may ignore it.
    timeout : float
        Seconds without a byte from the server before giving up.

    Raises
    ------
    WriterError
        If there is no key, or `base_url` is no address.
    """

    name = "openai"

    def __init__(
        self,
        model: str | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        temperature: float | None = 0.0,
        seed: int | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        environment = os.environ
        self.model = (
            model
            or environment.get("XFERA_MODEL")
            or environment.get("OPENAI_MODEL")
            or DEFAULT_MODEL
        )
        self.base_url = base_url or environment.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL
        self.temperature = temperature
        self.seed = seed
        self.timeout = timeout
        host = _host(self.base_url)
        key = (api_key or environment.get("OPENAI_API_KEY") or "").strip()
        if not key and not _on_this_machine(host):
            raise WriterError(
                "There is no API key for the language model; set OPENAI_API_KEY, or use the "
                "offline writer."
            )
        self._key = key or _NO_KEY
        self._place = host
        self._client: openai.OpenAI | None = None

    def __repr__(self) -> str:
        return f"OpenAIWriter(model={self.model!r}, host={self._place!r})"

    def write(self, facts: Facts, prompt: Prompt) -> Draft:
        """Ask for the text and wait for all of it.

        Raises
        ------
        WriterError
            One sentence: key refused, model not found, no network, timeout, too many requests,
            the server's fault, an answer that cannot be read, or an empty one.
        """
        start = time.perf_counter()
        answer = self._ask(prompt, stream=False)
        text = _text(_first_choice(answer, "message"))
        if text is None:
            self._fail(*_UNREADABLE)
        if not text.strip():
            self._fail(*_EMPTY)
        model = getattr(answer, "model", None)
        usage = getattr(answer, "usage", None)
        return Draft(
            text.strip(),
            self.name,
            model if isinstance(model, str) and model else self.model,
            _count(getattr(usage, "prompt_tokens", None)),
            _count(getattr(usage, "completion_tokens", None)),
            time.perf_counter() - start,
        )

    def stream(self, facts: Facts, prompt: Prompt) -> Iterator[str]:
        """Ask for the text and give its pieces as they come.

        Raises
        ------
        WriterError
            As `write`, and also if the answer breaks off; pieces may have been given before.
        """
        import openai

        pieces, ended = 0, False
        with self._ask(prompt, stream=True) as chunks:
            try:
                for chunk in chunks:
                    piece = _text(_first_choice(chunk, "delta"))
                    ended = ended or bool(_first_choice(chunk, "finish_reason"))
                    if piece:
                        pieces += 1
                        yield piece
            except openai.OpenAIError as error:
                self._explain(error, openai)
            except ValueError:
                self._fail(*_UNREADABLE)
        if not ended:
            self._fail("broke off in mid-answer", "try again")
        if not pieces:
            self._fail(*_EMPTY)

    def _ask(self, prompt: Prompt, *, stream: bool) -> object:
        try:
            import openai
        except ImportError:
            raise WriterError(
                "The openai package is missing; install it with `pip install openai`, or use the "
                "offline writer."
            ) from None
        request: dict[str, object] = {
            "model": self.model,
            "messages": prompt.messages,
            "stream": stream,
        }
        if self.temperature is not None:
            request["temperature"] = self.temperature
        if self.seed is not None:
            request["seed"] = self.seed
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
            except openai.OpenAIError as error:
                if tries == MAX_TRIES or not _may_pass(error, openai):
                    self._explain(error, openai)
                time.sleep(_pause(tries, error))
            except ValueError:
                self._fail(*_UNREADABLE)

    def _explain(self, error: Exception, openai: object) -> NoReturn:
        match error:
            case openai.APITimeoutError():
                what = f"did not answer within {self.timeout:g} s"
                self._fail(what, "try again, or raise the timeout")
            case openai.APIConnectionError():
                what = "cannot be reached, or it broke off the connection"
                self._fail(what, "check the network and the base URL")
            case openai.AuthenticationError():
                self._fail("refused the API key", "check OPENAI_API_KEY")
            case openai.PermissionDeniedError():
                what = f'does not let this API key use the model "{self.model}"'
                self._fail(what, "choose another with XFERA_MODEL")
            case openai.NotFoundError():
                what = f'knows no model "{self.model}"'
                self._fail(what, "choose another with XFERA_MODEL, or check the base URL")
            case openai.RateLimitError(code="insufficient_quota"):
                self._fail("says that this account's quota is used up", "check its billing")
            case openai.RateLimitError():
                self._fail("takes no more requests for now", "wait a little and try again")
            case openai.APIStatusError(status_code=code) if code >= 500:
                self._fail(f"failed (HTTP {code})", "try again later")
            case openai.APIStatusError(status_code=code):
                what = f"refused the request (HTTP {code})"
                self._fail(what, "check that the model takes the temperature and the seed")
            case _:
                self._fail(*_UNREADABLE)

    def _fail(self, what: str, advice: str) -> NoReturn:
        # From None: the package's own errors may quote the key.
        raise WriterError(f"The language model's server at {self._place} {what}; {advice}.") from (
            None
        )


def _may_pass(error: Exception, openai: object) -> bool:
    if isinstance(error, openai.APIConnectionError):
        return not isinstance(error, openai.APITimeoutError)
    if isinstance(error, openai.RateLimitError):
        return error.code != "insufficient_quota"
    return isinstance(error, openai.APIStatusError) and error.status_code >= 500


def _pause(tries: int, error: Exception) -> float:
    response = getattr(error, "response", None)
    asked = "" if response is None else response.headers.get("retry-after", "")
    seconds = float(asked) if asked.isdecimal() else FIRST_PAUSE * 2 ** (tries - 1)
    return min(seconds, LONGEST_PAUSE)


def _first_choice(answer: object, part: str) -> object:
    # The package does not validate what a server sends: any of this may be missing or another type.
    choices = getattr(answer, "choices", None)
    if not isinstance(choices, list) or not choices:
        return None
    return getattr(choices[0], part, None)


def _text(message: object) -> str | None:
    if message is None:
        return None
    content = getattr(message, "content", None)
    if content is None and not isinstance(message, (str, Mapping, list)):
        return ""
    return content if isinstance(content, str) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _host(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, None
    if not host or parts.scheme not in ("http", "https"):
        raise WriterError(
            "The language model's base URL is no address; write it like "
            "http://localhost:11434/v1."
        )
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def _on_this_machine(place: str) -> bool:
    host = urlsplit(f"//{place}").hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
