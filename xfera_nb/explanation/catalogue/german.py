"""List the German sentences of the offline writer and the labels around a text.

Movements are in the nominative.
"""

from __future__ import annotations

from xfera_nb.explanation.catalogue.model import Catalogue, Labels, MovementWords, sided

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
    counts=(
        "keine", "eine", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun",
    ),
    last_and=" und ",
    this_emotion="dieser Emotion",
    less_than_one="weniger als 1 %",
    where="In den Bereichen, auf die ich geachtet habe",
    where_other="In den Bereichen, die für {emotion} sprechen",
    share=", einer Klasse, der ich {percent} gegeben habe",
    answer=(
        "Ich habe den Gesichtsausdruck untersucht und ihn als {predicted} eingestuft, mit {level} "
        "Sicherheit.",
        "Ich habe mir dieses Gesicht angesehen und es als {predicted} eingestuft, mit {level} "
        "Sicherheit.",
        "Nach dem, was ich gesehen habe, habe ich diesen Ausdruck mit {level} Sicherheit als "
        "{predicted} eingestuft.",
    ),
    answer_other=(
        "Ich habe den Gesichtsausdruck untersucht und ihn als {predicted} eingestuft, mit {level} "
        "Sicherheit; hier geht es stattdessen um {emotion}{share}.",
        "Ich habe mir dieses Gesicht angesehen und es als {predicted} eingestuft, mit {level} "
        "Sicherheit; gefragt ist hier nach {emotion}{share}.",
    ),
    answer_contrast=(
        "Ich habe den Gesichtsausdruck untersucht und ihn als {predicted} eingestuft, mit {level} "
        "Sicherheit; hier steht {emotion} neben {other}{share}.",
        "Ich habe mir dieses Gesicht angesehen und es als {predicted} eingestuft, mit {level} "
        "Sicherheit; verglichen wird hier {emotion} mit {other}{share}.",
    ),
    one=(
        "{where}, stach eine Bewegung hervor: {first}.",
        "{where}, habe ich eine Bewegung gefunden: {first}.",
        "{where}, zählte {first}.",
    ),
    two=(
        "{where}, stach {first} am meisten hervor, danach {second}.",
        "{where}, zählte vor allem {first}; dahinter kam {second}.",
        "{where}, war es vor allem {first}, danach {second}.",
    ),
    many=(
        "{where}, stach {first} am meisten hervor.",
        "{where}, zählte vor allem {first}.",
        "{where}, war es vor allem {first}.",
    ),
    rest=(
        "Danach kamen {rest}.",
        "Es folgten {rest}.",
        "Dahinter kamen der Reihe nach {rest}.",
    ),
    typical_one=(
        "Diese Bewegung gehört typischerweise zu {emotion}.",
        "Es ist die Bewegung, die meist mit {emotion} einhergeht.",
    ),
    typical_one_of_them=(
        "Diese Bewegung ist eine von denen, die typischerweise zu {emotion} gehören.",
        "Es ist eine der Bewegungen, die meist mit {emotion} einhergehen.",
    ),
    typical_all=(
        "Die Verbindung dieser {count} Bewegungen gehört typischerweise zu {emotion}.",
        "Zusammen sind diese {count} Bewegungen das, was meist mit {emotion} einhergeht.",
    ),
    typical_all_of_them=(
        "Diese {count} Bewegungen sind unter denen, die typischerweise zu {emotion} gehören.",
        "Diese {count} zählen zu den Bewegungen, die meist mit {emotion} einhergehen.",
    ),
    typical_some_one=(
        "Davon gehört {named} typischerweise zu {emotion}.",
        "Darunter ist es {named}, was meist mit {emotion} einhergeht.",
    ),
    typical_some=(
        "Davon gehören {named} typischerweise zu {emotion}.",
        "Darunter sind es {named}, die meist mit {emotion} einhergehen.",
    ),
    typical_but=(
        "Bis auf {named} gehören alle typischerweise zu {emotion}.",
        "Alle bis auf {named} zählen zu den Bewegungen, die meist mit {emotion} einhergehen.",
    ),
    typical_none_one=(
        "Diese Bewegung ist nicht unter denen, die meist zu {emotion} gehören.",
        "Sie zählt nicht zu den Bewegungen, die meist mit {emotion} einhergehen.",
    ),
    typical_none=(
        "Keine dieser {count} ist unter denen, die meist zu {emotion} gehören.",
        "Diese {count} zählen nicht zu den Bewegungen, die meist mit {emotion} einhergehen.",
    ),
    typical_neutral=("Keine Bewegung des Gesichts ist typisch für diese Klasse.",),
    nothing_neutral=(
        "Keine Bewegung des Gesichts ist typisch für diese Klasse, also gibt es keine zu nennen.",
        "Diese Klasse hat keine typische Bewegung, also habe ich keine zu nennen.",
    ),
    nothing_active=(
        "Wo ich hingesehen habe, war keine Bewegung stark genug, um zu zählen; ich kann also keine "
        "als Grund nennen.",
        "An den Stellen, auf die es ankam, war keine Bewegung stark genug; ich habe also keinen "
        "Anhaltspunkt zu nennen.",
    ),
    no_evidence=(
        "Kein Teil des Gesichts sprach für {emotion}; ich kann also nicht sagen, welche Bewegungen "
        "hier zählen.",
        "Ich habe im Gesicht nichts gefunden, was für {emotion} spricht; also lässt sich keine "
        "Bewegung als Grund nennen.",
    ),
    contrast_none=(
        "Für {other} war keine der typischen Bewegungen dort aktiv, wo ich sie gesucht habe.",
        "Wo das Gesicht für {other} sprechen könnte, fand ich keine der typischen Bewegungen.",
    ),
    contrast_some=("Für {other} fand ich {named}.",),
    contrast_no_evidence=("Kein Teil des Gesichts sprach für {other}.",),
    contrast_neutral=("Für {other} ist keine Bewegung typisch, also gibt es keinen Vergleich.",),
)  # fmt: skip
