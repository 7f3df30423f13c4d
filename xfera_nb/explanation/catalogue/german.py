"""List the German sentences of the offline writer and the labels around a text.

Movements are in the nominative.
"""

from __future__ import annotations

from xfera_nb.explanation.catalogue.model import (
    Catalogue,
    Labels,
    MovementWords,
    RegionWords,
    sided,
)

_SIDES = ("linken", "rechten")

MOVEMENTS = {
    1: sided(
        "das {s}Heben der inneren Augenbrauen", "das {s}Heben der {side} inneren Augenbraue",
        _SIDES,
    ),
    2: sided(
        "das {s}Heben der äußeren Augenbrauen", "das {s}Heben der {side} äußeren Augenbraue",
        _SIDES,
    ),
    4: sided("das {s}Senken der Augenbrauen", "das {s}Senken der {side} Augenbraue", _SIDES),
    5: sided(
        "das {s}Heben der oberen Augenlider", "das {s}Heben des {side} oberen Augenlids", _SIDES
    ),
    6: sided("das {s}Heben der Wangen", "das {s}Heben der {side} Wange", _SIDES),
    7: sided("das {s}Anspannen der Augenlider", "das {s}Anspannen der {side} Augenlider", _SIDES),
    9: sided("das {s}Rümpfen der Nase", "das {s}Rümpfen der {side} Seite der Nase", _SIDES),
    10: sided("das {s}Heben der Oberlippe", "das {s}Heben der {side} Seite der Oberlippe", _SIDES),
    11: sided(
        "die {s}Vertiefung der Falten zwischen Nase und Mund",
        "die {s}Vertiefung der {side} Falte zwischen Nase und Mund", _SIDES,
    ),
    12: sided("das {s}Hochziehen der Mundwinkel", "das {s}Hochziehen des {side} Mundwinkels",
              _SIDES),
    14: sided(
        "die {s}Bildung von Grübchen in den Wangen",
        "die {s}Bildung eines Grübchens in der {side} Wange", _SIDES,
    ),
    15: sided("das {s}Senken der Mundwinkel", "das {s}Senken des {side} Mundwinkels", _SIDES),
    16: sided(
        "das {s}Senken der Unterlippe", "das {s}Senken der {side} Seite der Unterlippe", _SIDES
    ),
    17: MovementWords("das {s}Heben des Kinns"),
    18: MovementWords("das {s}Spitzen der Lippen"),
    20: sided("das {s}Dehnen der Lippen", "das {s}Dehnen der {side} Seite der Lippen", _SIDES),
    22: MovementWords("das {s}Vorstülpen der Lippen"),
    23: MovementWords("das {s}Anspannen der Lippen"),
    24: MovementWords("das {s}Aufeinanderpressen der Lippen"),
    25: MovementWords("das {s}Öffnen der Lippen"),
    26: MovementWords("das {s}Herabfallen des Unterkiefers"),
    27: MovementWords("das {s}Aufreißen des Mundes"),
    28: MovementWords("das {s}Einziehen der Lippen"),
    43: sided("das {s}Schließen der Augen", "das {s}Schließen des {side} Auges", _SIDES),
    45: sided("das {s}Blinzeln der Augen", "das {s}Blinzeln des {side} Auges", _SIDES),
}  # fmt: skip

LABELS = Labels(
    predicted="Vorhergesagte Emotion",
    level="Sicherheit",
    target="Erklärte Klasse",
    matching="Passende AUs",
    missing="Fehlende AUs",
    not_measurable="Nicht messbare AUs",
    no_evidence="Nichts spricht dafür",
    levels={"High": "Hoch", "Medium": "Mittel", "Low": "Gering"},
    none="keine",
    absent="nicht vorhanden",
    present_not_attended="vorhanden, nicht beachtet",
    nothing_speaks="Kein Teil des Gesichts spricht für {emotion}.",
    articles=("der ", "die ", "das "),
    offline="Vom Offline-Schreiber aus den Messwerten verfasst; ohne Sprachmodell.",
    model="Von {model} aus den Messwerten geschrieben; es wurde kein Bild gesendet.",
    model_picture="Von {model} geschrieben: Das Bild wurde an {model} bei {host} gesendet.",
    tokens="{asked} + {written} Token",
    seconds="{seconds} s",
    cost="Kosten {cost}",
    took="Aufwand: {parts}.",
    cached="Aus dem Cache (bei der Anfrage: {parts}).",
    note="Das beschreibt, wonach das Modell ging, nicht, was die Person fühlt.",
    note_sides="Links und rechts sind die Seiten der Person.",
)

CATALOGUE = Catalogue(
    language="de",
    labels=LABELS,
    emotions={
        "anger": '"Ärger"', "disgust": '"Ekel"', "fear": '"Angst"', "happiness": '"Freude"',
        "neutral": '"Neutral"', "sadness": '"Trauer"', "surprise": '"Überraschung"',
    },
    levels={"High": "hoher", "Medium": "mittlerer", "Low": "geringer"},
    strengths={
        "barely visible": ("kaum sichtbare ", "kaum sichtbare "), "faint": ("schwache ",) * 2,
        "slight": ("leichte ",) * 2, "clear": ("deutliche ",) * 2, "strong": ("starke ",) * 2,
        "very strong": ("sehr starke ",) * 2,
    },
    movements=MOVEMENTS,
    regions={
        "brows": RegionWords("die Brauen", "an den Brauen"),
        "eyes": RegionWords("die Augen", "an den Augen"),
        "nose": RegionWords("die Nase", "an der Nase"),
        "cheeks": RegionWords("die Wangen", "an den Wangen"),
        "mouth": RegionWords("den Mund", "am Mund"),
        "chin": RegionWords("das Kinn", "am Kinn"),
    },
    persons={"first": ("ich habe",) * 2, "third": ("das Modell hat", "es hat")},
    last_and=" und ",
    last_or=" noch ",
    but=", aber ",
    besides="; ",
    less_than_one="weniger als 1 %",
    to_percent="auf {percent}",
    to_less_than_one="auf weniger als 1 %",
    share=" ({percent})",
    there="dort",
    where_looked="im beachteten Bereich",
    prediction=(
        "{i} diesen Ausdruck mit {level} Sicherheit{share} als {predicted} eingestuft.",
        "{i} dieses Gesicht als {predicted} eingestuft, mit {level} Sicherheit{share}.",
        "Die wahrscheinlichste Antwort war {predicted}, mit {level} Sicherheit{share}.",
    ),
    prediction_runner_up=(
        "{i} diesen Ausdruck mit {level} Sicherheit{share} als {predicted} eingestuft; "
        "an zweiter Stelle kam {second}.",
        "{i} dieses Gesicht als {predicted} eingestuft, mit {level} Sicherheit{share}; "
        "die nächstbeste Antwort war {second}.",
    ),
    prediction_other=(
        "{i} diesen Ausdruck mit {level} Sicherheit als {predicted} eingestuft; "
        "gefragt ist hier nach {emotion}{share}.",
    ),
    prediction_contrast=(
        "{i} diesen Ausdruck mit {level} Sicherheit als {predicted} eingestuft; "
        "verglichen wird hier {emotion} mit {other}{share}.",
    ),
    looked_one=(
        "{i} vor allem auf {region} geachtet, mit {percent} der Wärmekarte.",
        "{percent} der Wärmekarte liegen {at}, mehr als irgendwo sonst.",
    ),
    looked_two=(
        "{i} vor allem auf {region} geachtet, mit {percent} der Wärmekarte, und auf {region2} "
        "mit {percent2}.",
        "{i} besonders auf {region} geachtet ({percent} der Wärmekarte), auch auf {region2} "
        "({percent2}).",
    ),
    looked_spread=(
        "{i} auf das ganze Gesicht geachtet; der größte Anteil der Wärmekarte, {percent}, liegt "
        "{at}.",
    ),
    evidence_one=("Die Wärmekarte für {emotion} liegt vor allem {at} ({percent}).",),
    evidence_two=(
        "Die Wärmekarte für {emotion} liegt vor allem {at} ({percent}) und {at2} ({percent2}).",
    ),
    evidence_spread=(
        "Die Wärmekarte für {emotion} verteilt sich über das ganze Gesicht; ihr größter Anteil, "
        "{percent}, liegt {at}.",
    ),
    no_evidence=(
        "Kein Teil des Gesichts sprach für {emotion}.",
        "Nichts im Gesicht sprach für {emotion}.",
    ),
    present_typical=(
        "{there} zeigt das Gesicht {named}, wie es für {emotion} typisch ist.",
        "{there} zeigt das Gesicht {named}, wie es meist zu {emotion} gehört.",
        "{there} zeigt das Gesicht {named}, und das gehört oft zu {emotion}.",
    ),
    present_other=(
        "{there} zeigt das Gesicht {others}, aber nichts Typisches für {emotion}.",
    ),
    present_both=(
        "{there} zeigt das Gesicht {named}, wie es für {emotion} typisch ist, und außerdem "
        "{others}.",
        "{there} zeigt das Gesicht {named}, wie es oft zu {emotion} gehört, und auch {others}.",
    ),
    present_neutral=(
        "{there} zeigt das Gesicht {others}; für {emotion} ist keine Bewegung typisch.",
    ),
    nothing_there=(
        "{there} zeigt das Gesicht keine Bewegung, die über eine Spur hinausgeht.",
    ),
    nothing_but_elsewhere=(
        "{there} zeigt das Gesicht keine Bewegung, die über eine Spur hinausgeht; außerhalb zeigt "
        "es {named}.",
    ),
    nothing_typical=(
        "{there} zeigt das Gesicht nichts Typisches für {emotion}, aber es zeigt {named}.",
    ),
    nothing_neutral=(
        "Für {emotion} ist keine Bewegung typisch, und das Gesicht zeigt keine, die über eine "
        "Spur hinausgeht.",
    ),
    on_face=("Das Gesicht zeigt {named}.",),
    rest_lead="zu den übrigen Bewegungen, die oft zu {emotion} gehören: ",
    all_lead="zu den Bewegungen, die oft zu {emotion} gehören: ",
    elsewhere="größtenteils außerhalb dieses Bereichs zeigt das Gesicht {named}",
    absent=("das Gesicht zeigt {named} nicht", "das Gesicht zeigt weder {named}"),
    not_measurable=("die Messung erfasst {named} nicht", "die Messung erfasst weder {named}"),
    hiding_flips=(
        "verwischt man {region}, wechselt die Antwort zu {answer}",
    ),
    hiding_falls=(
        "verwischt man {region}, geht {emotion} von {before} {after} zurück",
    ),
    hiding_agrees=(
        "{effect}; die Wärmekarte weist also an die richtige Stelle.",
        "{effect}: die Wärmekarte zeigt zu Recht dorthin.",
    ),
    hiding_disagrees=(
        "Die Wärmekarte ist {at} am stärksten, aber eine andere Stelle zählt mehr: {effect}.",
    ),
    hiding_alone=("{effect}.",),
    hiding_little=(
        "Verwischt man einen einzelnen Teil des Gesichts, ändert sich wenig: {emotion} verliert "
        "weniger als 5 Punkte.",
        "Kein Teil des Gesichts entscheidet allein: welchen man auch verwischt, {emotion} "
        "verliert weniger als 5 Punkte.",
    ),
    contrast_regions=(
        "Im Vergleich hat {emotion} mehr von seiner Wärmekarte {at}, {other} dagegen {at2}.",
    ),
    contrast_region=(
        "Am meisten unterscheiden sich die Wärmekarten {at}; dort hat {emotion} mehr als {other}.",
    ),
    contrast_question="Warum {emotion} und nicht {other}?",
    contrast_both=(
        "Nur für {emotion} zeigt das Gesicht {named}; nur für {other} zeigt es {others}.",
    ),
    contrast_ours=(
        "Nur für {emotion} zeigt das Gesicht {named}; nur für {other} zeigt es nichts.",
    ),
    contrast_theirs=(
        "Nur für {other} zeigt das Gesicht {others}; nur für {emotion} zeigt es nichts.",
    ),
    contrast_neither=(
        "Das Gesicht zeigt keine Bewegung, die zu einem von beiden passt und zum anderen nicht.",
    ),
    contrast_no_evidence=("Kein Teil des Gesichts sprach für {other}.",),
)  # fmt: skip
