"""Have a language model behind any OpenAI-compatible endpoint write the text.

Units
    Temperature 0 to 2, prices in any currency per million tokens. Times and retries are those of
    `xfera_nb.explanation.writers.endpoint`; a stream is given up after `MAX_LETTERS` letters or
    `LONGEST_ANSWER` seconds.
Source
    The XFERa paper (Macchiarulo et al. 2025, section 2.1) used GPT-4; `DEFAULT_MODEL` is a
    successor. Temperature is 0 by default: the paper does not give its own.
What leaves the machine
    The two texts of the prompt, never a picture (`xfera_nb.explanation.writers.vision` sends one,
    where it is allowed to). The key goes to the endpoint and nowhere else:
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
from xfera_nb.explanation.writers.answers import (
    CUT_OFF,
    WITHHELD,
    first_choice,
    read_text,
    strip_reasoning,
    visible_so_far,
)
from xfera_nb.explanation.writers.base import Answer, Draft
from xfera_nb.explanation.writers.cache import DraftCache, cache_folder
from xfera_nb.explanation.writers.endpoint import (
    CUT,
    CUT_SHORT,
    DECLINED,
    EMPTY,
    FILTERED,
    REPORTED,
    TOO_LONG,
    UNREADABLE,
    Endpoint,
    RequestRefused,
)
from xfera_nb.explanation.writers.refusals import REPLACEMENT, SYSTEM

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

FIXED = ("model", "messages", "stream", "n")
"""Parts of a request that the writer itself fills in."""

DeclaredAUs = tuple[tuple[str, tuple[int, ...]], ...]

_ROLE = "the system role"
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
    system : bool
        Whether the first of the prompt's two texts is sent in the system role; otherwise it stands
        before the second, for models that have no such role.
    model_options : mapping, optional
        More parts of the request, as JSON has them: ``{"max_tokens": 800}``, ``{"reasoning_effort":
        "low"}``.
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
        If there is no key, `base_url` is no address, a price is no number, or `model_options` are
        no JSON or hold one of `FIXED`.

    Notes
    -----
    A server that refuses the temperature, the seed, the system role or a model option, and names
    it, is asked again without it; the draft's `note` says so.
    """

    name = "openai"
    formats = _FORMATS
    follows_redirects = True

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
        system: bool = True,
        model_options: Mapping[str, Any] | None = None,
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
        self.system = system
        self.model_options = check_model_options(model_options)
        self.prices = prices if prices is not None else _prices_of(environment)
        key = (api_key or environment.get("OPENAI_API_KEY") or "").strip()
        self._endpoint = Endpoint(
            self.base_url, key, timeout, follows_redirects=self.follows_redirects
        )
        folder = cache_folder(cache)
        self.cache = None if folder is None else DraftCache(folder)
        # What the server refused: formats and the count of tokens, of which nothing is said, and
        # other parts, with words on how it was asked again.
        self._refused: set[str] = set()
        self._left_out: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"OpenAIWriter(model={self.model!r}, host={self._endpoint.host!r})"

    def write(self, facts: Facts, prompt: Prompt) -> Draft:
        """Request the text and wait for all of it; a cached answer comes at once.

        Raises
        ------
        WriterError
            One sentence: key refused, model not found, no network, timeout, too many requests,
            the server's fault, an answer that cannot be read, that is cut off, withheld or empty.
        """
        cached = self._cached(facts, prompt)
        if cached is not None:
            return cached
        start = time.perf_counter()
        answer = self._request(prompt, stream=False)
        text = self._read_whole(answer)
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
        text, shown, given, ended, model, usage = "", "", 0, False, None, None
        answer = self._request(prompt, stream=True)
        with self._endpoint.reading(self.model), answer as chunks:
            whole = self._endpoint.whole(answer)
            if whole is not None:
                text, ended = self._read_whole(whole), True
            for chunk in chunks if whole is None else (whole,):
                piece = text if whole is not None else read_text(first_choice(chunk, "delta"))
                model = getattr(chunk, "model", None) or model
                usage = getattr(chunk, "usage", None) or usage
                if whole is None:
                    ended = self._check_finish(chunk, "delta") or ended
                    text += piece or ""
                if time.perf_counter() - start > LONGEST_ANSWER or len(text) > MAX_LETTERS:
                    self._endpoint.fail(*TOO_LONG)
                if not piece:
                    continue
                visible = visible_so_far(text)
                if not strict:
                    # Reasoning that turns out to be some at its end has been shown by then.
                    if visible.startswith(shown) and visible != shown:
                        yield visible[len(shown) :]
                        shown = visible
                    continue
                for sentence in sentences_so_far(visible)[given:]:
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
        text = strip_reasoning(text).strip()
        if not text:
            self._endpoint.fail(*EMPTY)
        found = self._read_answer(prompt, text)
        draft = Draft(
            found.text,
            self.name,
            model if isinstance(model, str) and model else self.model,
            _count(getattr(usage, "prompt_tokens", None)),
            _count(getattr(usage, "completion_tokens", None)),
            time.perf_counter() - start,
            declared_aus=found.declared_aus,
            note=self._note(),
            opinion=found.opinion,
            sent_to=found.sent_to,
        )
        if self.cache is not None:
            self.cache.put(self._key(facts, prompt), draft)
        return self._with_cost(draft)

    def _read_answer(self, prompt: Prompt, text: str) -> Answer:
        """Return what an answer says; fail if it is not what was asked for."""
        if prompt.kind != STRICT:
            return Answer(text)
        declared_aus = read_sentences(text)
        if declared_aus is None:
            self._endpoint.fail(*NOT_STRICT)
        return Answer(" ".join(sentence for sentence, _ in declared_aus), declared_aus)

    def _formats_of(self, prompt: Prompt) -> list[str]:
        """Return the formats to ask for, the first that the server takes counts."""
        return list(self.formats) if prompt.kind == STRICT else []

    def _read_whole(self, answer: object) -> str:
        """Return the text of an answer that came whole."""
        text = read_text(first_choice(answer, "message"))
        if text is None:
            self._endpoint.fail(*(REPORTED if getattr(answer, "error", None) else UNREADABLE))
        self._check_finish(answer, "message")
        return text

    def _check_finish(self, answer: object, part: str) -> bool:
        """Return whether an answer says that it is at its end; fail if that came too early.

        Raises
        ------
        WriterError
            If the answer was cut off, withheld or declined.
        """
        reason = first_choice(answer, "finish_reason")
        word = reason.lower() if isinstance(reason, str) else ""
        if word in CUT_OFF:
            self._endpoint.fail(*CUT_SHORT)
        if word in WITHHELD:
            self._endpoint.fail(*FILTERED)
        if getattr(first_choice(answer, part), "refusal", None):
            self._endpoint.fail(*DECLINED)
        return bool(reason)

    def _note(self) -> str | None:
        """Return the sentence about what the server refused; None if it refused nothing."""
        if not self._left_out:
            return None
        return (
            f"The language model's server at {self._endpoint.host} refused "
            f"{' and '.join(self._left_out)}; it was asked {' and '.join(self._left_out.values())}."
        )

    def _cached(self, facts: Facts, prompt: Prompt) -> Draft | None:
        cached = None if self.cache is None else self.cache.get(self._key(facts, prompt))
        return None if cached is None else self._with_cost(cached)

    def _key(self, facts: Facts, prompt: Prompt) -> str:
        question: dict[str, object] = {
            "facts": facts.to_dict(),
            "messages": prompt.messages,
            "kind": prompt.kind,
            "language": prompt.language,
            "model": self.model,
            "server": self._endpoint.place,
            "temperature": self.temperature,
            "seed": self.seed,
        }
        # Only where they are given: without them an answer keeps the key that it always had.
        if not self.system:
            question["system"] = False
        if self.model_options:
            question["model_options"] = self.model_options
        return DraftCache.key(question)

    def _with_cost(self, draft: Draft) -> Draft:
        asked, written = draft.prompt_tokens, draft.completion_tokens
        if self.prices is None or asked is None or written is None:
            return draft
        cost = (self.prices[0] * asked + self.prices[1] * written) / 1e6
        return replace(draft, cost=0.0 if draft.cached else cost)

    def _request(self, prompt: Prompt, *, stream: bool) -> Any:
        """Request; leave out what not every server knows when this one refuses it."""
        extras = self._formats_of(prompt)
        extras += ["usage"] if stream else []
        while True:
            extras = [extra for extra in extras if extra not in self._refused]
            form = next((extra for extra in extras if extra in self.formats), None)
            request = self._build_request(prompt, stream)
            if form is not None:
                request["response_format"] = self.formats[form]
            if "usage" in extras:
                request["stream_options"] = {"include_usage": True}
            body = request.get("extra_body", {})
            parts: list[str] = [name for name in ("temperature", "seed") if name in request]
            parts += [*body, *([SYSTEM] if request["messages"][0]["role"] == SYSTEM else [])]
            try:
                return self._endpoint.complete(request, optional=parts, droppable=bool(extras))
            except RequestRefused as refused:
                if refused.part is None:
                    self._refused.add(extras[0])
                elif refused.part == "max_tokens" and refused.replaced:
                    self._left_out["max_tokens"] = f"again with {REPLACEMENT}"
                elif refused.part == SYSTEM:
                    self._left_out[_ROLE] = "with that text in front of the question"
                else:
                    self._left_out[refused.part] = f"without {refused.part}"

    def _build_request(self, prompt: Prompt, stream: bool) -> dict[str, Any]:
        """Return the request without what the server has refused."""
        messages = list(prompt.messages)
        if not self.system or _ROLE in self._left_out:
            text = "\n\n".join(message["content"] for message in messages)
            messages = [{"role": "user", "content": text}]
        request: dict[str, Any] = {"model": self.model, "messages": messages, "stream": stream}
        for name, value in (("temperature", self.temperature), ("seed", self.seed)):
            if value is not None and name not in self._left_out:
                request[name] = value
        body = dict(self.model_options)
        if REPLACEMENT in self._left_out.get("max_tokens", "") and "max_tokens" in body:
            body.setdefault(REPLACEMENT, body["max_tokens"])
        body = {name: value for name, value in body.items() if name not in self._left_out}
        # What is given as an option stands in place of what the writer would send.
        request = {name: value for name, value in request.items() if name not in body}
        return {**request, "extra_body": body} if body else request


def check_model_options(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return further parts of a request, as JSON has them.

    Raises
    ------
    WriterError
        If they are no JSON, or hold what the writer itself fills in.
    """
    if given is None:
        return {}
    try:
        found = json.loads(json.dumps(dict(given), allow_nan=False))
    except (TypeError, ValueError):
        raise WriterError(
            'The model options are no JSON object; write them like {"max_tokens": 800}.'
        ) from None
    for name in FIXED:
        if name in found:
            raise WriterError(f"The model option {name} is filled in by the writer: leave it out.")
    return dict(found)


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
    except (ValueError, KeyError, TypeError, RecursionError):
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
