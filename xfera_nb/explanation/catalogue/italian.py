"""List the Italian sentences of the offline writer and the labels around a text."""

from __future__ import annotations

from xfera_nb.explanation.catalogue.model import Catalogue, Labels, MovementWords, sided

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
    counts=(
        "nessun", "un", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove",
    ),
    last_and=" e ",
    this_emotion="questa emozione",
    less_than_one="meno dell'1 %",
    where="Nelle zone che ho guardato di più",
    where_other="Nelle zone che parlano a favore di {emotion}",
    share=", a cui ho dato {percent}",
    answer=(
        "Ho analizzato l'espressione del volto e l'ho classificata come {predicted}, con sicurezza "
        "{level}.",
        "Ho osservato questo volto e l'ho classificato come {predicted}, con sicurezza {level}.",
        "Da ciò che ho visto, ho classificato questa espressione come {predicted}, con sicurezza "
        "{level}.",
    ),
    answer_other=(
        "Ho analizzato l'espressione del volto e l'ho classificata come {predicted}, con sicurezza "
        "{level}; qui invece si parla di {emotion}{share}.",
        "Ho osservato questo volto e l'ho classificato come {predicted}, con sicurezza {level}; la "
        "domanda qui riguarda {emotion}{share}.",
    ),
    answer_contrast=(
        "Ho analizzato l'espressione del volto e l'ho classificata come {predicted}, con sicurezza "
        "{level}; qui si confronta {emotion} con {other}{share}.",
        "Ho osservato questo volto e l'ho classificato come {predicted}, con sicurezza {level}; "
        "ecco {emotion} accanto a {other}{share}.",
    ),
    one=(
        "{where} spicca un solo movimento: {first}.",
        "{where} ho trovato un movimento: {first}.",
        "{where} ha contato {first}.",
    ),
    two=(
        "{where} spicca soprattutto {first}; subito dopo viene {second}.",
        "{where} ha contato soprattutto {first}, e poi {second}.",
        "{where} ho notato prima di tutto {first}, e poi {second}.",
    ),
    many=(
        "{where} spicca soprattutto {first}.",
        "{where} ha contato soprattutto {first}.",
        "{where} ho notato prima di tutto {first}.",
    ),
    rest=(
        "Seguono {rest}.",
        "Dopo vengono {rest}.",
        "Poi, in ordine d'importanza, ci sono {rest}.",
    ),
    typical_one=(
        "Questo movimento è tipicamente associato a {emotion}.",
        "È il movimento che di solito accompagna {emotion}.",
    ),
    typical_one_of_them=(
        "Questo movimento è uno di quelli tipicamente associati a {emotion}.",
        "È uno dei movimenti che di solito accompagnano {emotion}.",
    ),
    typical_all=(
        "La combinazione di questi {count} movimenti è tipicamente associata a {emotion}.",
        "Insieme, questi {count} movimenti sono quelli che di solito accompagnano {emotion}.",
    ),
    typical_all_of_them=(
        "Questi {count} movimenti sono tra quelli tipicamente associati a {emotion}.",
        "Questi {count} sono tra i movimenti che di solito accompagnano {emotion}.",
    ),
    typical_some_one=(
        "Tra questi, {named} si associa tipicamente a {emotion}.",
        "Tra questi è {named} che di solito accompagna {emotion}.",
    ),
    typical_some=(
        "Tra questi, {named} si associano tipicamente a {emotion}.",
        "Tra questi sono {named} che di solito accompagnano {emotion}.",
    ),
    typical_but=(
        "Tranne {named}, tutti si associano tipicamente a {emotion}.",
        "Tutti, tranne {named}, sono movimenti che di solito accompagnano {emotion}.",
    ),
    typical_none_one=(
        "Questo movimento non è tra quelli di solito associati a {emotion}.",
        "Non è uno dei movimenti che di solito accompagnano {emotion}.",
    ),
    typical_none=(
        "Nessuno di questi {count} è tra quelli di solito associati a {emotion}.",
        "Questi {count} non sono tra i movimenti che di solito accompagnano {emotion}.",
    ),
    typical_neutral=("Nessun movimento del volto è tipico di questa classe.",),
    nothing_neutral=(
        "Nessun movimento del volto è tipico di questa classe, quindi non ce n'è uno da indicare.",
        "Questa classe non ha movimenti tipici, quindi non ne ho da indicare.",
    ),
    nothing_active=(
        "Dove ho guardato non ho trovato alcun movimento abbastanza forte da contare, quindi non "
        "posso indicarne uno come motivo.",
        "Nelle zone che contavano nessun movimento era abbastanza forte, quindi non ho prove da "
        "indicare.",
    ),
    no_evidence=(
        "Nessuna parte del volto parla a favore di {emotion}, quindi non posso dire quali "
        "movimenti contino qui.",
        "Non ho trovato sul volto prove a favore di {emotion}, quindi nessun movimento può essere "
        "indicato come motivo.",
    ),
    contrast_none=(
        "Per {other} nessuno dei suoi movimenti tipici era attivo dove l'ho cercato.",
        "Dove il volto poteva parlare a favore di {other} non ho trovato i suoi movimenti tipici.",
    ),
    contrast_some=("Per {other} ho trovato {named}.",),
    contrast_no_evidence=("Nessuna parte del volto parla a favore di {other}.",),
    contrast_neutral=("Per {other} non ci sono movimenti tipici con cui confrontare.",),
)  # fmt: skip
