"""List the Italian sentences of the offline writer and the labels around a text."""

from __future__ import annotations

from xfera_nb.explanation.catalogue.model import (
    Catalogue,
    Labels,
    MovementWords,
    RegionWords,
    sided,
)

_M = ("sinistro", "destro")
_F = ("sinistra", "destra")
_UP = "il sollevamento{s}"
_DOWN = "l'abbassamento{s}"

MOVEMENTS = {
    1: sided(
        f"{_UP} dell'interno delle sopracciglia", f"{_UP} dell'interno del sopracciglio {{side}}",
        _M,
    ),
    2: sided(
        f"{_UP} dell'esterno delle sopracciglia", f"{_UP} dell'esterno del sopracciglio {{side}}",
        _M,
    ),
    4: sided(f"{_DOWN} delle sopracciglia", f"{_DOWN} del sopracciglio {{side}}", _M),
    5: sided(f"{_UP} delle palpebre superiori", f"{_UP} della palpebra superiore {{side}}", _F),
    6: sided(f"{_UP} delle guance", f"{_UP} della guancia {{side}}", _F),
    7: sided(
        "la contrazione{s} delle palpebre", "la contrazione{s} delle palpebre a {side}", _F, True
    ),
    9: sided("l'arricciamento{s} del naso", "l'arricciamento{s} del lato {side} del naso", _M),
    10: sided(
        f"{_UP} del labbro superiore", f"{_UP} della metà {{side}} del labbro superiore", _F
    ),
    11: sided(
        "l'accentuazione{s} delle pieghe tra naso e bocca",
        "l'accentuazione{s} della piega {side} tra naso e bocca", _F, True,
    ),
    12: sided(f"{_UP} degli angoli della bocca", f"{_UP} dell'angolo {{side}} della bocca", _M),
    14: sided(
        "la comparsa{s} di fossette sulle guance",
        "la comparsa{s} di una fossetta sulla guancia {side}", _F, True,
    ),
    15: sided(
        f"{_DOWN} degli angoli della bocca", f"{_DOWN} dell'angolo {{side}} della bocca", _M
    ),
    16: sided(
        f"{_DOWN} del labbro inferiore", f"{_DOWN} della metà {{side}} del labbro inferiore", _F
    ),
    17: MovementWords(f"{_UP} del mento"),
    18: MovementWords("l'arricciamento{s} delle labbra"),
    20: sided("lo stiramento{s} delle labbra", "lo stiramento{s} delle labbra a {side}", _F),
    22: MovementWords("la protrusione{s} delle labbra", feminine=True),
    23: MovementWords("l'irrigidimento{s} delle labbra"),
    24: MovementWords("la pressione{s} delle labbra l'una contro l'altra", feminine=True),
    25: MovementWords("la separazione{s} delle labbra", feminine=True),
    26: MovementWords(f"{_DOWN} della mascella"),
    27: MovementWords("lo spalancarsi{s} della bocca"),
    28: MovementWords("il risucchio{s} delle labbra"),
    43: sided("la chiusura{s} degli occhi", "la chiusura{s} dell'occhio {side}", _M, True),
    45: sided("il battito{s} delle palpebre", "il battito{s} delle palpebre a {side}", _F),
}  # fmt: skip

LABELS = Labels(
    predicted="Emozione predetta",
    level="Livello di confidenza",
    target="Classe spiegata",
    matching="AU corrispondenti",
    missing="AU mancanti",
    not_measurable="AU non misurabili",
    no_evidence="Nessun indizio a favore",
    levels={"High": "Alto", "Medium": "Medio", "Low": "Basso"},
    none="nessuna",
    absent="assente",
    present_not_attended="presente, non considerata",
    nothing_speaks="Nessuna parte del volto parla a favore di {emotion}.",
    articles=("il ", "lo ", "la ", "l'", "i ", "gli ", "le "),
    offline="Composto dallo scrittore offline a partire dai dati misurati; nessun modello "
    "linguistico.",
    model="Scritto da {model} a partire dai dati misurati; nessuna immagine è stata inviata.",
    model_picture="Scritto da {model}: l'immagine è stata inviata a {model} presso {host}.",
    tokens="{asked} + {written} token",
    seconds="{seconds} s",
    cost="costo {cost}",
    took="Ha richiesto {parts}.",
    cached="Dalla cache (alla richiesta: {parts}).",
    note="Descrive ciò su cui si è basato il modello, non ciò che la persona prova.",
    note_sides="Sinistra e destra sono quelle della persona.",
)

CATALOGUE = Catalogue(
    language="it",
    labels=LABELS,
    emotions={
        "anger": '"Rabbia"', "disgust": '"Disgusto"', "fear": '"Paura"',
        "happiness": '"Felicità"', "neutral": '"Neutro"', "sadness": '"Tristezza"',
        "surprise": '"Sorpresa"',
    },
    levels={"High": "alta", "Medium": "media", "Low": "bassa"},
    strengths={
        "barely visible": (" appena visibile", " appena visibile"), "faint": (" debole", " debole"),
        "slight": (" lieve", " lieve"), "clear": (" netto", " netta"),
        "strong": (" forte", " forte"), "very strong": (" molto forte", " molto forte"),
    },
    movements=MOVEMENTS,
    regions={
        "brows": RegionWords("le sopracciglia", "sulle sopracciglia"),
        "eyes": RegionWords("gli occhi", "sugli occhi"),
        "nose": RegionWords("il naso", "sul naso"),
        "cheeks": RegionWords("le guance", "sulle guance"),
        "mouth": RegionWords("la bocca", "sulla bocca"),
        "chin": RegionWords("il mento", "sul mento"),
    },
    persons={"first": ("ho", "ho"), "third": ("il modello ha", "ha")},
    last_and=" e ",
    last_or=" o ",
    but=", ma ",
    besides="; ",
    less_than_one="meno dell'1 %",
    to_percent="al {percent}",
    to_less_than_one="a meno dell'1 %",
    share=" ({percent})",
    there="lì",
    where_looked="nelle zone guardate",
    prediction=(
        "{i} classificato questa espressione come {predicted}, con sicurezza {level}{share}.",
        "Con sicurezza {level}{share}, {i} classificato questo volto come {predicted}.",
        "La risposta più probabile era {predicted}, con sicurezza {level}{share}.",
    ),
    prediction_runner_up=(
        "{i} classificato questa espressione come {predicted}, con sicurezza {level}{share}; "
        "al secondo posto c'era {second}.",
        "Con sicurezza {level}{share}, {i} classificato questo volto come {predicted}; "
        "la risposta successiva era {second}.",
    ),
    prediction_other=(
        "{i} classificato questa espressione come {predicted}, con sicurezza {level}; "
        "la domanda qui riguarda {emotion}{share}.",
    ),
    prediction_contrast=(
        "{i} classificato questa espressione come {predicted}, con sicurezza {level}; "
        "qui si confronta {emotion} con {other}{share}.",
    ),
    looked_one=(
        "{i} guardato soprattutto {region}, con il {percent} della mappa di calore.",
        "Il {percent} della mappa di calore si trova {at}, più che altrove.",
    ),
    looked_two=(
        "{i} guardato soprattutto {region}, con il {percent} della mappa di calore, e poi "
        "{region2} con il {percent2}.",
        "{i} guardato in particolare {region} ({percent} della mappa di calore), e anche {region2} "
        "({percent2}).",
    ),
    looked_spread=(
        "{i} guardato tutto il volto; la parte maggiore della mappa di calore, il {percent}, si "
        "trova {at}.",
    ),
    evidence_one=("La mappa di calore per {emotion} si trova soprattutto {at} ({percent}).",),
    evidence_two=(
        "La mappa di calore per {emotion} si trova soprattutto {at} ({percent}) e {at2} "
        "({percent2}).",
    ),
    evidence_spread=(
        "La mappa di calore per {emotion} è sparsa su tutto il volto; la sua parte maggiore, il "
        "{percent}, si trova {at}.",
    ),
    no_evidence=(
        "Nessuna parte del volto parla a favore di {emotion}.",
        "Niente sul volto parla a favore di {emotion}.",
    ),
    present_typical=(
        "{there} il volto mostra {named}, come è tipico di {emotion}.",
        "{there} il volto mostra {named}, come accade di solito con {emotion}.",
        "{there} il volto mostra {named}, e questo accompagna spesso {emotion}.",
    ),
    present_other=(
        "{there} il volto mostra {others}, ma niente di tipico di {emotion}.",
    ),
    present_both=(
        "{there} il volto mostra {named}, come è tipico di {emotion}, e inoltre {others}.",
        "{there} il volto mostra {named}, come spesso accade con {emotion}, e anche {others}.",
    ),
    present_neutral=(
        "{there} il volto mostra {others}; nessun movimento è tipico di {emotion}.",
    ),
    nothing_there=(
        "{there} il volto non mostra alcun movimento più forte di una traccia.",
    ),
    nothing_but_elsewhere=(
        "{there} il volto non mostra alcun movimento più forte di una traccia; altrove mostra "
        "{named}.",
    ),
    nothing_typical=(
        "{there} il volto non mostra niente di tipico di {emotion}, ma mostra {named}.",
    ),
    nothing_neutral=(
        "Nessun movimento è tipico di {emotion}, e il volto non ne mostra di più forti di una "
        "traccia.",
    ),
    on_face=("Il volto mostra {named}.",),
    rest_lead="quanto agli altri movimenti che spesso accompagnano {emotion}: ",
    all_lead="quanto ai movimenti che spesso accompagnano {emotion}: ",
    elsewhere="per lo più in altre zone il volto mostra {named}",
    absent=("il volto non mostra {named}",) * 2,
    not_measurable=("la misura non comprende {named}",) * 2,
    hiding_flips=(
        "sfocando {region}, la risposta diventa {answer}",
    ),
    hiding_falls=(
        "sfocando {region}, {emotion} passa dal {before} {after}",
    ),
    hiding_agrees=(
        "{effect}, quindi la mappa di calore indica il punto giusto.",
        "{effect}: la mappa di calore ha ragione a indicare quel punto.",
    ),
    hiding_disagrees=(
        "La mappa di calore è più forte {at}, ma un altro punto conta di più: {effect}.",
    ),
    hiding_alone=("{effect}.",),
    hiding_little=(
        "Sfocando una sola parte del volto cambia poco: {emotion} perde meno di 5 punti.",
        "Nessuna parte del volto decide da sola: sfocandone una qualsiasi, {emotion} perde meno "
        "di 5 punti.",
    ),
    contrast_regions=(
        "A confronto, {emotion} ha una parte maggiore della mappa di calore {at}, e {other} {at2}.",
    ),
    contrast_region=(
        "Le due mappe di calore differiscono soprattutto {at}, dove {emotion} ha più di {other}.",
    ),
    contrast_question="Perché {emotion} e non {other}?",
    contrast_both=(
        "Solo per {emotion} il volto mostra {named}; solo per {other} mostra {others}.",
    ),
    contrast_ours=(
        "Solo per {emotion} il volto mostra {named}; solo per {other} non mostra niente.",
    ),
    contrast_theirs=(
        "Solo per {other} il volto mostra {others}; solo per {emotion} non mostra niente.",
    ),
    contrast_neither=(
        "Il volto non mostra movimenti che accompagnino una delle due e non l'altra.",
    ),
    contrast_no_evidence=("Nessuna parte del volto parla a favore di {other}.",),
)  # fmt: skip
