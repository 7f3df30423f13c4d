"""List the Spanish sentences of the offline writer and the labels around a text."""

from __future__ import annotations

from xfera_nb.explanation.catalogue.model import (
    Catalogue,
    Labels,
    MovementWords,
    RegionWords,
    sided,
)

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
    model_picture="Escrito por {model}: la imagen se envió a {model} en {host}.",
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
    regions={
        "brows": RegionWords("las cejas", "en las cejas"),
        "eyes": RegionWords("los ojos", "en los ojos"),
        "nose": RegionWords("la nariz", "en la nariz"),
        "cheeks": RegionWords("las mejillas", "en las mejillas"),
        "mouth": RegionWords("la boca", "en la boca"),
        "chin": RegionWords("la barbilla", "en la barbilla"),
    },
    persons={"first": ("he", "he"), "third": ("el modelo ha", "ha")},
    last_and=" y ",
    last_or=" ni ",
    but=", pero ",
    besides="; ",
    less_than_one="menos del 1 %",
    to_percent="al {percent}",
    to_less_than_one="a menos del 1 %",
    share=" ({percent})",
    there="allí",
    where_looked="en las zonas miradas",
    prediction=(
        "{i} clasificado esta expresión como {predicted}, con confianza {level}{share}.",
        "Con confianza {level}{share}, {i} clasificado este rostro como {predicted}.",
        "La respuesta más probable era {predicted}, con confianza {level}{share}.",
    ),
    prediction_runner_up=(
        "{i} clasificado esta expresión como {predicted}, con confianza {level}{share}; "
        "en segundo lugar quedó {second}.",
        "Con confianza {level}{share}, {i} clasificado este rostro como {predicted}; "
        "la siguiente respuesta era {second}.",
    ),
    prediction_other=(
        "{i} clasificado esta expresión como {predicted}, con confianza {level}; "
        "la pregunta aquí es por {emotion}{share}.",
    ),
    prediction_contrast=(
        "{i} clasificado esta expresión como {predicted}, con confianza {level}; "
        "aquí se compara {emotion} con {other}{share}.",
    ),
    looked_one=(
        "{i} mirado sobre todo {region}, con el {percent} del mapa de calor.",
        "El {percent} del mapa de calor está {at}, más que en ningún otro lugar.",
    ),
    looked_two=(
        "{i} mirado sobre todo {region}, con el {percent} del mapa de calor, y después {region2} "
        "con el {percent2}.",
        "{i} mirado en particular {region} ({percent} del mapa de calor), y también {region2} "
        "({percent2}).",
    ),
    looked_spread=(
        "{i} mirado todo el rostro; la mayor parte del mapa de calor, el {percent}, está {at}.",
    ),
    evidence_one=("El mapa de calor de {emotion} está sobre todo {at} ({percent}).",),
    evidence_two=(
        "El mapa de calor de {emotion} está sobre todo {at} ({percent}) y {at2} ({percent2}).",
    ),
    evidence_spread=(
        "El mapa de calor de {emotion} se reparte por todo el rostro; su mayor parte, el "
        "{percent}, está {at}.",
    ),
    no_evidence=(
        "Ninguna parte del rostro habla a favor de {emotion}.",
        "Nada en el rostro habla a favor de {emotion}.",
    ),
    present_typical=(
        "{there} el rostro muestra {named}, como es típico de {emotion}.",
        "{there} el rostro muestra {named}, como suele ocurrir con {emotion}.",
        "{there} el rostro muestra {named}, y eso acompaña a menudo a {emotion}.",
    ),
    present_other=(
        "{there} el rostro muestra {others}, pero nada típico de {emotion}.",
    ),
    present_both=(
        "{there} el rostro muestra {named}, como es típico de {emotion}, y además {others}.",
        "{there} el rostro muestra {named}, como es frecuente con {emotion}, y también {others}.",
    ),
    present_neutral=(
        "{there} el rostro muestra {others}; ningún movimiento es típico de {emotion}.",
    ),
    nothing_there=(
        "{there} el rostro no muestra ningún movimiento mayor que un rastro.",
    ),
    nothing_but_elsewhere=(
        "{there} el rostro no muestra ningún movimiento mayor que un rastro; en otras partes "
        "muestra {named}.",
    ),
    nothing_typical=(
        "{there} el rostro no muestra nada típico de {emotion}, pero muestra {named}.",
    ),
    nothing_neutral=(
        "Ningún movimiento es típico de {emotion}, y el rostro no muestra ninguno mayor que un "
        "rastro.",
    ),
    on_face=("El rostro muestra {named}.",),
    rest_lead="en cuanto a los otros movimientos que suelen acompañar a {emotion}: ",
    all_lead="en cuanto a los movimientos que suelen acompañar a {emotion}: ",
    elsewhere="sobre todo en otras zonas el rostro muestra {named}",
    absent=("el rostro no muestra {named}",) * 2,
    not_measurable=("la medición no incluye {named}",) * 2,
    hiding_flips=(
        "al difuminar {region}, la respuesta cambia a {answer}",
    ),
    hiding_falls=(
        "al difuminar {region}, {emotion} pasa del {before} {after}",
    ),
    hiding_agrees=(
        "{effect}, así que el mapa de calor señala el lugar correcto.",
        "{effect}: el mapa de calor acierta al señalar ese lugar.",
    ),
    hiding_disagrees=(
        "El mapa de calor es más fuerte {at}, pero otro lugar importa más: {effect}.",
    ),
    hiding_alone=("{effect}.",),
    hiding_little=(
        "Al difuminar una sola parte del rostro cambia poco: {emotion} pierde menos de 5 puntos.",
        "Ninguna parte del rostro decide por sí sola: al difuminar cualquiera, {emotion} pierde "
        "menos de 5 puntos.",
    ),
    contrast_regions=(
        "En comparación, {emotion} tiene más de su mapa de calor {at}, y {other} {at2}.",
    ),
    contrast_region=(
        "Los dos mapas de calor difieren sobre todo {at}, donde {emotion} tiene más que {other}.",
    ),
    contrast_question="¿Por qué {emotion} y no {other}?",
    contrast_both=(
        "Solo para {emotion} el rostro muestra {named}; solo para {other} muestra {others}.",
    ),
    contrast_ours=(
        "Solo para {emotion} el rostro muestra {named}; solo para {other} no muestra nada.",
    ),
    contrast_theirs=(
        "Solo para {other} el rostro muestra {others}; solo para {emotion} no muestra nada.",
    ),
    contrast_neither=(
        "El rostro no muestra movimientos que acompañen a una de las dos y no a la otra.",
    ),
    contrast_no_evidence=("Ninguna parte del rostro habla a favor de {other}.",),
)  # fmt: skip
