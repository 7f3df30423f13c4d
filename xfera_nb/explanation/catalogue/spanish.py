"""List the Spanish sentences of the offline writer and the labels around a text."""

from __future__ import annotations

from xfera_nb.explanation.catalogue.model import Catalogue, Labels, MovementWords, sided

_M = ("izquierdo", "derecho")
_F = ("izquierda", "derecha")
_UP = "la elevación{s}"
_DOWN = "el descenso{s}"

MOVEMENTS = {
    1: sided(
        f"{_UP} de la parte interna de las cejas", f"{_UP} de la parte interna de la ceja {{side}}",
        _F, True,
    ),
    2: sided(
        f"{_UP} de la parte externa de las cejas", f"{_UP} de la parte externa de la ceja {{side}}",
        _F, True,
    ),
    4: sided(f"{_DOWN} de las cejas", f"{_DOWN} de la ceja {{side}}", _F),
    5: sided(
        f"{_UP} de los párpados superiores", f"{_UP} del párpado superior {{side}}", _M, True
    ),
    6: sided(f"{_UP} de las mejillas", f"{_UP} de la mejilla {{side}}", _F, True),
    7: sided(
        "la tensión{s} de los párpados", "la tensión{s} de los párpados del lado {side}", _M, True
    ),
    9: sided(
        "el fruncimiento{s} de la nariz", "el fruncimiento{s} del lado {side} de la nariz", _M
    ),
    10: sided(
        f"{_UP} del labio superior", f"{_UP} del lado {{side}} del labio superior", _M, True
    ),
    11: sided(
        "la profundización{s} de los pliegues entre la nariz y la boca",
        "la profundización{s} del pliegue {side} entre la nariz y la boca", _M, True,
    ),
    12: sided(
        f"{_UP} de las comisuras de los labios", f"{_UP} de la comisura {{side}} de los labios",
        _F, True,
    ),
    14: sided(
        "la aparición{s} de hoyuelos en las mejillas",
        "la aparición{s} de un hoyuelo en la mejilla {side}", _F, True,
    ),
    15: sided(
        f"{_DOWN} de las comisuras de los labios", f"{_DOWN} de la comisura {{side}} de los labios",
        _F,
    ),
    16: sided(f"{_DOWN} del labio inferior", f"{_DOWN} del lado {{side}} del labio inferior", _M),
    17: MovementWords(f"{_UP} de la barbilla", feminine=True),
    18: MovementWords("el fruncimiento{s} de los labios"),
    20: sided(
        "el estiramiento{s} de los labios", "el estiramiento{s} del lado {side} de los labios", _M
    ),
    22: MovementWords("la proyección{s} de los labios hacia delante", feminine=True),
    23: MovementWords("la tensión{s} de los labios", feminine=True),
    24: MovementWords("la presión{s} de un labio contra el otro", feminine=True),
    25: MovementWords("la separación{s} de los labios", feminine=True),
    26: MovementWords("la caída{s} de la mandíbula", feminine=True),
    27: MovementWords("la apertura amplia{s} de la boca", feminine=True),
    28: MovementWords("la succión{s} de los labios", feminine=True),
    43: sided("el cierre{s} de los ojos", "el cierre{s} del ojo {side}", _M),
    45: sided("el parpadeo{s} de los ojos", "el parpadeo{s} del ojo {side}", _M),
}  # fmt: skip

LABELS = Labels(
    predicted="Emoción predicha",
    level="Nivel de confianza",
    target="Clase explicada",
    matching="AU coincidentes",
    missing="AU que faltan",
    not_measurable="AU no medibles",
    no_evidence="Ningún indicio a favor",
    levels={"High": "Alto", "Medium": "Medio", "Low": "Bajo"},
    none="ninguna",
    absent="ausente",
    present_not_attended="presente, no atendida",
    nothing_speaks="Ninguna parte de la cara habla a favor de {emotion}.",
    articles=("el ", "la ", "los ", "las "),
    offline="Compuesto por el redactor sin conexión a partir de los datos medidos; sin modelo "
    "de lenguaje.",
    model="Escrito por {model} a partir de los datos medidos; no se envió ninguna imagen.",
    tokens="{asked} + {written} tokens",
    seconds="{seconds} s",
    cost="coste {cost}",
    took="Ha tardado: {parts}.",
    cached="De la caché (cuando se preguntó: {parts}).",
    note="Describe en qué se basó el modelo, no lo que siente la persona.",
    note_sides="Izquierda y derecha son las de la persona.",
)

CATALOGUE = Catalogue(
    language="es",
    labels=LABELS,
    emotions={
        "anger": '"Ira"', "disgust": '"Asco"', "fear": '"Miedo"', "happiness": '"Felicidad"',
        "neutral": '"Neutral"', "sadness": '"Tristeza"', "surprise": '"Sorpresa"',
    },
    levels={"High": "alta", "Medium": "media", "Low": "baja"},
    strengths={
        "barely visible": (" apenas visible", " apenas visible"), "faint": (" débil", " débil"),
        "slight": (" leve", " leve"), "clear": (" claro", " clara"),
        "strong": (" fuerte", " fuerte"), "very strong": (" muy fuerte", " muy fuerte"),
    },
    movements=MOVEMENTS,
    counts=(
        "ningún", "un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve",
    ),
    last_and=" y ",
    this_emotion="esta emoción",
    less_than_one="menos del 1 %",
    where="En las zonas en las que me he fijado",
    where_other="En las zonas que hablan a favor de {emotion}",
    share=", a la que he dado {percent}",
    answer=(
        "He analizado la expresión facial y la he clasificado como {predicted}, con confianza "
        "{level}.",
        "He observado este rostro y lo he clasificado como {predicted}, con confianza {level}.",
        "Por lo que he visto, he clasificado esta expresión como {predicted}, con confianza "
        "{level}.",
    ),
    answer_other=(
        "He analizado la expresión facial y la he clasificado como {predicted}, con confianza "
        "{level}; aquí se trata en cambio de {emotion}{share}.",
        "He observado este rostro y lo he clasificado como {predicted}, con confianza {level}; la "
        "pregunta aquí es por {emotion}{share}.",
    ),
    answer_contrast=(
        "He analizado la expresión facial y la he clasificado como {predicted}, con confianza "
        "{level}; aquí se compara {emotion} con {other}{share}.",
        "He observado este rostro y lo he clasificado como {predicted}, con confianza {level}; "
        "aquí está {emotion} frente a {other}{share}.",
    ),
    one=(
        "{where} destaca un movimiento: {first}.",
        "{where} he encontrado un movimiento: {first}.",
        "{where} ha contado {first}.",
    ),
    two=(
        "{where} destaca sobre todo {first}; después, {second}.",
        "{where} ha contado sobre todo {first}; después viene {second}.",
        "{where} he notado ante todo {first}, y después {second}.",
    ),
    many=(
        "{where} destaca sobre todo {first}.",
        "{where} ha contado sobre todo {first}.",
        "{where} he notado ante todo {first}.",
    ),
    rest=(
        "Después vienen {rest}.",
        "Le siguen {rest}.",
        "Luego, por orden de importancia, están {rest}.",
    ),
    typical_one=(
        "Este movimiento se asocia típicamente con {emotion}.",
        "Es el movimiento que suele acompañar a {emotion}.",
    ),
    typical_one_of_them=(
        "Este movimiento es uno de los que se asocian típicamente con {emotion}.",
        "Es uno de los movimientos que suelen acompañar a {emotion}.",
    ),
    typical_all=(
        "La combinación de estos {count} movimientos se asocia típicamente con {emotion}.",
        "Juntos, estos {count} movimientos son los que suelen acompañar a {emotion}.",
    ),
    typical_all_of_them=(
        "Estos {count} movimientos están entre los que se asocian típicamente con {emotion}.",
        "Estos {count} están entre los movimientos que suelen acompañar a {emotion}.",
    ),
    typical_some_one=(
        "De ellos, {named} se asocia típicamente con {emotion}.",
        "Entre ellos es {named} lo que suele acompañar a {emotion}.",
    ),
    typical_some=(
        "De ellos, {named} se asocian típicamente con {emotion}.",
        "Entre ellos son {named} los que suelen acompañar a {emotion}.",
    ),
    typical_but=(
        "Salvo {named}, todos se asocian típicamente con {emotion}.",
        "Todos, salvo {named}, son movimientos que suelen acompañar a {emotion}.",
    ),
    typical_none_one=(
        "Este movimiento no está entre los que suelen asociarse con {emotion}.",
        "No es uno de los movimientos que suelen acompañar a {emotion}.",
    ),
    typical_none=(
        "Ninguno de estos {count} está entre los que suelen asociarse con {emotion}.",
        "Estos {count} no están entre los movimientos que suelen acompañar a {emotion}.",
    ),
    typical_neutral=("Ningún movimiento facial es típico de esta clase.",),
    nothing_neutral=(
        "Ningún movimiento facial es típico de esta clase, así que no hay ninguno que señalar.",
        "Esta clase no tiene movimientos típicos, así que no tengo ninguno que señalar.",
    ),
    nothing_active=(
        "Donde he mirado no he encontrado ningún movimiento lo bastante fuerte para contar, así "
        "que no puedo señalar uno como motivo.",
        "En las zonas que importaban ningún movimiento era lo bastante fuerte, así que no tengo "
        "indicios que nombrar.",
    ),
    no_evidence=(
        "Ninguna parte del rostro habla a favor de {emotion}, así que no puedo decir qué "
        "movimientos importan aquí.",
        "No he encontrado en el rostro indicios de {emotion}, así que no se puede nombrar ningún "
        "movimiento como motivo.",
    ),
    contrast_none=(
        "Para {other} ninguno de sus movimientos típicos estaba activo donde lo he buscado.",
        "Donde el rostro podía hablar a favor de {other} no he encontrado sus movimientos típicos.",
    ),
    contrast_some=("Para {other} he encontrado {named}.",),
    contrast_no_evidence=("Ninguna parte del rostro habla a favor de {other}.",),
    contrast_neutral=("Para {other} no hay movimientos típicos con los que comparar.",),
)  # fmt: skip
