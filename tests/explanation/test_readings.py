"""What the check reads across sentences, clauses and lines: references, headings, suppositions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xfera_nb.explanation import Facts, Movement, check, find_mentions

FACES = json.loads((Path(__file__).parent / "sentences" / "faces.json").read_text("utf-8"))
STATUSES = {
    "s": "supported",
    "u": "unsupported",
    "c": "contradicted",
    "n": "negated",
    "a": "ambiguous",
}

# Language | face | text | AUs, each with the first letter of its status.
TEXTS = r"""
en|laugh|The cheeks are part of it too; these look lifted.|6s
en|laugh|The mouth is important. It stands open, and the lips around it are parted.|25s
en|cross|AU06: absent\nAU12 - not detected\nAU04 (active)\nAU05 (missing)|6n 12n 4s 5n
en|cross|## Missing AUs\n* AU06\n* AU12\n## Found\n* AU04|6n 12n 4s
en|cross|None of these was found: raised cheeks, a smile, parted lips.|6n 12n 25n
en|cross|No activation was measured for AU12, and AU06 did not activate.|12n 6n
en|cross|AU06 and AU12 are both absent.|6n 12n
en|cross|Neither AU06 nor AU12 is active. AU04 is.|6n 12n 4s
en|cross|Without the lowered brows the answer would have been another one.|
en|cross|The brows are lowered, and if the nose were wrinkled, the model would hesitate.|4s
en|cross|Should the cheeks rise, this would be a different face. They do not.|
en|smirk|The smile stops short of the eyes.|12s 6n
en|smirk|It's a smile which isn't reaching the eyes.|12s 6n
en|laugh|This is a smile that reaches the eyes.|12s 6s
en|gloomy|Far from being raised, the corners of the mouth droop.|12n 15s
en|gloomy|In place of a smile there is a raised chin.|12n 17s
en|laugh|The lips, which the model hardly looked at, are parted.|25s
en|laugh|The lips, which are parted, and the cheeks, which are raised, made it easy.|25s 6s
en|laugh|The cheeks, whose upper part touches the lids, rise.|6s
en|cross|The brows seem to be lowered, but it is unclear whether the cheeks are raised.|4s 6a
en|cross|There may be a slight wrinkle on the nose.|9a
en|cross|The cheeks could be raised. One cannot tell if the lips are open.|6a 25a
en|cross|The brows draw attention. They are pulled together. The lids are tight.|4s 7s
en|laugh|The model relied on the cheeks. Both are raised.|6s
en|smile|The mouth corners are raised; had they been lowered, it would be another class.|12s
en|smile|I would say that the lip corners are raised.|12s
en|afraid|The eyes are striking. Their upper lids are raised.|5s
de|laugh|Die Wangen fallen auf. Beide sind angehoben.|6s
de|laugh|Wichtig ist auch der Mund. Er ist geöffnet.|25s
de|cross|AU06: nicht vorhanden\nAU12: fehlt\nAU04: vorhanden|6n 12n 4s
de|cross|Nicht zu sehen sind: ein Lächeln, gehobene Wangen.|12n 6n
de|cross|AU06 ist nicht aktiv, und auch AU12 zeigt keine Bewegung.|6n 12n
de|cross|Weder AU06 noch AU12 ist aktiv.|6n 12n
de|cross|Wenn die Mundwinkel oben wären, würde das Modell anders urteilen.|
de|smirk|Das Lächeln reicht nicht bis zu den Augen.|12s 6n
de|smirk|Ein Lächeln, das die Augen nicht erreicht.|12s 6n
de|gloomy|Anstatt eines Lächelns sind herabgezogene Mundwinkel zu sehen.|12n 15s
de|gloomy|Anstatt gehoben zu sein, sind die Mundwinkel gesenkt.|12n 15s
de|laugh|Die Lippen, deren Farbe man kaum erkennt, sind geöffnet.|25s
de|cross|Die Nase könnte gerümpft sein. Es ist unklar, ob die Wangen gehoben sind.|9a 6a
de|cross|Die Brauen sind gesenkt und womöglich sind die Wangen angehoben.|4s 6a
it|laugh|Contano le guance. Entrambe sono sollevate.|6s
it|laugh|La bocca è importante. I suoi angoli sono sollevati.|12s
it|cross|AU06: assente\nAU12: non rilevata\nAU04: presente|6n 12n 4s
it|cross|Non si osservano: sorriso, guance sollevate, labbra aperte.|12n 6n 25n
it|cross|Né AU06 né AU12 sono attive.|6n 12n
it|cross|Nessuna attivazione per AU12; AU06 non è attiva.|12n 6n
it|cross|Se la bocca si aprisse, la risposta cambierebbe.|
it|smirk|Il sorriso non raggiunge gli occhi.|12s 6n
it|gloomy|Invece di un sorriso si vedono gli angoli della bocca abbassati.|12n 15s
it|laugh|Le labbra, il cui colore è pallido, sono separate.|25s
it|cross|Le guance possono essere sollevate. Probabilmente il naso è arricciato.|6a 9a
es|laugh|Cuentan las mejillas. Ambas están elevadas.|6s
es|laugh|La boca importa. Está abierta.|25s
es|cross|AU06: ausente\nAU12: no detectada\nAU04: presente|6n 12n 4s
es|cross|No se observan: sonrisa, mejillas elevadas, labios separados.|12n 6n 25n
es|cross|Ni AU06 ni AU12 están activas.|6n 12n
es|cross|Ninguna actividad en AU12; AU06 no está activa.|12n 6n
es|cross|Si la boca se abriera, la respuesta cambiaría.|
es|smirk|La sonrisa no alcanza los ojos.|12s 6n
es|gloomy|En vez de una sonrisa se ven las comisuras caídas.|12n 15s
es|laugh|Los labios, cuyo color es pálido, están separados.|25s
es|cross|Las mejillas podrían estar elevadas. Probablemente la nariz está arrugada.|6a 9a
es|gloomy|Las cejas cuentan. Su parte interna está elevada.|1s
"""


def face(name):
    movements = tuple(
        Movement.of(au, intensity=intensity, score=intensity, side=side, bilateral=side is None)
        for au, intensity, side in FACES[name]["active"]
    )
    return Facts(FACES[name]["emotion"], FACES[name]["emotion"], "High", movements=movements)


def statuses(text, name, language="en"):
    found = check(text, face(name), language)
    return {(f.au, f.status) for sentence in found.sentences for f in sentence.findings}


@pytest.mark.parametrize("line", TEXTS.strip().splitlines())
def test_a_text_is_read_as_labelled(line):
    language, name, text, labels = line.split("|")
    wanted = {(int(label[:-1]), STATUSES[label[-1]]) for label in labels.split()}
    assert statuses(text.replace("\\n", "\n"), name, language) == wanted


def test_what_is_possible_or_denied_in_a_heading_leaves_precision_undefined():
    found = check("Perhaps the nose is wrinkled.\nNot detected:\n- AU12", face("cross"))
    assert (found.ambiguous, found.negated, found.precision) == ((9,), (12,), None)
    assert found.is_grounded and "ambiguous: AU09" in found.summary
    assert found.to_dict()["ambiguous"] == ["AU09"]


def test_what_is_supposed_is_no_finding_but_keeps_its_mood():
    assert statuses("If the nose were wrinkled, it would be another class.", "cross") == set()
    (mention,) = find_mentions("If the nose were wrinkled, it would be another class.")
    assert mention.mood == "supposed"


def test_readings_that_are_all_true_or_all_false_leave_nothing_open():
    text = "The model looked at the cheeks and at the lip corners. They are raised."
    assert statuses(text, "laugh") == {(6, "supported"), (12, "supported")}
    assert statuses(text, "cross") == {(6, "unsupported"), (12, "unsupported")}
    assert statuses(text, "smirk") == {(6, "ambiguous"), (12, "ambiguous")}


def test_a_heading_of_what_was_found_denies_nothing():
    text = "Not detected:\n- AU12\nDetected:\n- AU04\n- AU10"
    assert statuses(text, "cross") == {(12, "negated"), (4, "supported"), (10, "unsupported")}


@pytest.mark.parametrize(
    "text",
    [
        "She looks as if the brows were raised.",
        "I would say that the brows are raised.",
        "Even if it surprises, the brows are raised.",
    ],
)
def test_a_condition_in_name_only_states_something(text):
    (mention,) = find_mentions(text)
    assert mention.mood == "stated"


def test_a_long_text_of_pronouns_is_read_in_bounded_time():
    text = "The lips and the brows and the cheeks matter. " + "They are raised, " * 400
    assert check(text, face("laugh"), "en").sentences
