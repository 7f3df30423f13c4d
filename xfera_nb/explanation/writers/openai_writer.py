"""Have a language model behind any OpenAI-compatible endpoint write the text.

Units
    Temperature 0 to 2, prices in any currency per million tokens. Times and retries are those of
    `xfera_nb.explanation.writers.endpoint`; a stream is given up after `MAX_LETTERS` letters or
    `LONGEST_ANSWER` seconds.
Source
    The XFERa paper (Macchiarulo et al. 2025, section 2.1) used GPT-4; `DEFAULT_MODEL` is a
    successor. Temperature is 0 by default: the paper does not give its own.
What leaves the machine
    The two texts of the prompt, never a picture. The key goes to the endpoint and nowhere else:
    not into a repr, a cache or an error.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xfera_nb.errors import WriterError
from xfera_nb.explanation.choices import STRICT
from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.prompts import SCHEMA, Prompt
from xfera_nb.explanation.writers.base import Draft
from xfera_nb.explanation.writers.cache import DraftCache, cache_folder
from xfera_nb.explanation.writers.endpoint import (
    CUT,
    EMPTY,
    TOO_LONG,
    UNREADABLE,
    Endpoint,
    RequestRefused,
)

DEFAULT_MODEL = "gpt-4o"
DEFAULT_BASE_URL = "https://api.openai.com/v1"
DEFAULT_TIMEOUT = 60.0
MAX_LETTERS = 20_000
LONGEST_ANSWER = 600.0
PRICES = ("XFERA_PRICE_IN", "XFERA_PRICE_OUT")

NOT_STRICT = (
    "did not answer with the JSON that the strict prompt asks for",
    "choose the paper's prompt, or another model",
)
_FORMATS: Mapping[str, Mapping[str, object]] = {
    "schema": {
        "type": "json_schema",
        "json_schema": {"name": "explanation", "strict": True, "schema": SCHEMA},
    },
    "object": {"type": "json_object"},
}

DeclaredAUs = tuple[tuple[str, tuple[int, ...]], ...]

_TEXT = re.compile(r'"text"\s*:\s*("(?:[^"\\]|\\.)*")')
_FENCE = re.compile(r"^\s*```[a-z]*\s*|\s*```\s*$")


class OpenAIWriter:
    """Ask a language model through the ``openai`` package.

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
        0 to 2; None leaves it to the server (some models refuse any other value).
    seed : int, optional
        Sent if given; a server may ignore it.
    timeout : float
        Seconds without a byte from the server before giving up.
    cache : path, bool or None
        Folder that caches answers; False caches none; by default the user's cache folder, or
        what the environment's XFERA_CACHE says.
    prices : (float, float), optional
        Per million tokens of the prompt and of the answer; else the environment's XFERA_PRICE_IN
        and XFERA_PRICE_OUT.

    Raises
    ------
    WriterError
        If there is no key, `base_url` is no address, or a price is no number.
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
        cache: str | Path | bool | None = None,
        prices: tuple[float, float] | None = None,
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
        self.prices = prices if prices is not None else _prices_of(environment)
        key = (api_key or environment.get("OPENAI_API_KEY") or "").strip()
        self._endpoint = Endpoint(self.base_url, key, timeout)
        folder = cache_folder(cache)
        self.cache = None if folder is None else DraftCache(folder)
        self._refused: set[str] = set()

    def __repr__(self) -> str:
        return f"OpenAIWriter(model={self.model!r}, host={self._endpoint.host!r})"

    def write(self, facts: Facts, prompt: Prompt) -> Draft:
        """Request the text and wait for all of it; a cached answer comes at once.

        Raises
        ------
        WriterError
            One sentence: key refused, model not found, no network, timeout, too many requests,
            the server's fault, an answer that cannot be read, or an empty one.
        """
        cached = self._cached(facts, prompt)
        if cached is not None:
            return cached
        start = time.perf_counter()
        answer = self._request(prompt, stream=False)
        text = _text(_first_choice(answer, "message"))
        if text is None:
            self._endpoint.fail(*UNREADABLE)
        model, usage = (getattr(answer, name, None) for name in ("model", "usage"))
        return self._draft(facts, prompt, text, model, usage, start)

    def stream(self, facts: Facts, prompt: Prompt) -> Generator[str, None, Draft]:
        """Request the text and yield its pieces as they come; return the `Draft`.

        The strict prompt's sentences are yielded one by one, without the JSON around them. A server
        that does not stream, but gives its answer whole, is one piece.

        Raises
        ------
        WriterError
            As `write`, and also if the answer breaks off after some pieces.
        """
        cached = self._cached(facts, prompt)
        if cached is not None:
            yield cached.text
            return cached
        start = time.perf_counter()
        strict = prompt.kind == STRICT
        text, given, ended, model, usage = "", 0, False, None, None
        answer = self._request(prompt, stream=True)
        with self._endpoint.reading(self.model), answer as chunks:
            whole = self._endpoint.whole(answer)
            if whole is not None and _text(_first_choice(whole, "message")) is None:
                self._endpoint.fail(*UNREADABLE)
            for chunk in chunks if whole is None else (whole,):
                piece = _text(_first_choice(chunk, "delta" if whole is None else "message"))
                ended = ended or whole is not None or bool(_first_choice(chunk, "finish_reason"))
                model = getattr(chunk, "model", None) or model
                usage = getattr(chunk, "usage", None) or usage
                if time.perf_counter() - start > LONGEST_ANSWER:
                    self._endpoint.fail(*TOO_LONG)
                if not piece:
                    continue
                text += piece
                if len(text) > MAX_LETTERS:
                    self._endpoint.fail(*TOO_LONG)
                if not strict:
                    yield piece
                    continue
                for sentence in sentences_so_far(text)[given:]:
                    yield sentence if given == 0 else f" {sentence}"
                    given += 1
        if not ended:
            self._endpoint.fail(*CUT)
        return self._draft(facts, prompt, text, model, usage, start)

    def drop_cached_answer(self, facts: Facts, prompt: Prompt) -> None:
        """Drop the cached answer, so that the next one is requested again."""
        if self.cache is not None:
            self.cache.drop(self._key(facts, prompt))

    def _draft(
        self, facts: Facts, prompt: Prompt, text: str, model: object, usage: object, start: float
    ) -> Draft:
        if not text.strip():
            self._endpoint.fail(*EMPTY)
        text, declared_aus = text.strip(), None
        if prompt.kind == STRICT:
            declared_aus = read_sentences(text)
            if declared_aus is None:
                self._endpoint.fail(*NOT_STRICT)
            text = " ".join(sentence for sentence, _ in declared_aus)
        draft = Draft(
            text,
            self.name,
            model if isinstance(model, str) and model else self.model,
            _count(getattr(usage, "prompt_tokens", None)),
            _count(getattr(usage, "completion_tokens", None)),
            time.perf_counter() - start,
            declared_aus=declared_aus,
        )
        if self.cache is not None:
            self.cache.put(self._key(facts, prompt), draft)
        return self._with_cost(draft)

    def _cached(self, facts: Facts, prompt: Prompt) -> Draft | None:
        cached = None if self.cache is None else self.cache.get(self._key(facts, prompt))
        return None if cached is None else self._with_cost(cached)

    def _key(self, facts: Facts, prompt: Prompt) -> str:
        return DraftCache.key(
            {
                "facts": facts.to_dict(),
                "messages": prompt.messages,
                "kind": prompt.kind,
                "language": prompt.language,
                "model": self.model,
                "server": self._endpoint.host,
                "temperature": self.temperature,
                "seed": self.seed,
            }
        )

    def _with_cost(self, draft: Draft) -> Draft:
        asked, written = draft.prompt_tokens, draft.completion_tokens
        if self.prices is None or asked is None or written is None:
            return draft
        cost = (self.prices[0] * asked + self.prices[1] * written) / 1e6
        return replace(draft, cost=0.0 if draft.cached else cost)

    def _request(self, prompt: Prompt, *, stream: bool) -> Any:
        """Request; leave out what not every server knows when this one refuses it."""
        request: dict[str, Any] = {
            "model": self.model,
            "messages": prompt.messages,
            "stream": stream,
        }
        if self.temperature is not None:
            request["temperature"] = self.temperature
        if self.seed is not None:
            request["seed"] = self.seed
        extras = list(_FORMATS) if prompt.kind == STRICT else []
        extras += ["usage"] if stream else []
        while True:
            extras = [extra for extra in extras if extra not in self._refused]
            form = next((extra for extra in extras if extra in _FORMATS), None)
            given: dict[str, Any] = {} if form is None else {"response_format": _FORMATS[form]}
            if "usage" in extras:
                given["stream_options"] = {"include_usage": True}
            try:
                return self._endpoint.complete({**request, **given}, optional=bool(given))
            except RequestRefused:
                self._refused.add(extras[0])


def _prices_of(environment: Mapping[str, str]) -> tuple[float, float] | None:
    given = [environment.get(name, "").strip() for name in PRICES]
    if not all(given):
        return None
    try:
        return float(given[0]), float(given[1])
    except ValueError:
        raise WriterError(
            f"{' and '.join(PRICES)} are prices per million tokens; write numbers like 2.5."
        ) from None


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


def read_sentences(answer: str) -> DeclaredAUs | None:
    """Read the sentences of an answer to the strict prompt; None if it is not what was asked for.

    A fence of back ticks around the JSON object and text before or after it are ignored.
    """
    body = _FENCE.sub("", answer)
    begin, end = body.find("{"), body.rfind("}")
    if begin < 0 or end < begin:
        return None
    try:
        record = json.loads(body[begin : end + 1])
        sentences = tuple(
            (_one_line(entry["text"]), _numbers(entry["aus"])) for entry in record["sentences"]
        )
    except (ValueError, KeyError, TypeError):
        return None
    sentences = tuple((text, aus) for text, aus in sentences if text)
    return sentences or None


def sentences_so_far(answer: str) -> list[str]:
    """Return the texts that are complete in an answer that is still coming."""
    found = []
    for match in _TEXT.finditer(answer):
        try:
            found.append(_one_line(json.loads(match[1])))
        except ValueError:
            break
    return found


def _one_line(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError("a sentence is a text")
    return " ".join(text.split())


def _numbers(values: object) -> tuple[int, ...]:
    if not isinstance(values, list):
        raise TypeError("AUs are a list")
    numbers = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise TypeError("an AU is a number")
        text = str(value).strip().upper().removeprefix("AU")
        numbers.append(int(text))
    return tuple(numbers)
