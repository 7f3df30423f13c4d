"""The words around a text in four languages: Figure 1's block, the byline and the notes.

The FACS names of Action Units are English; in other languages the movement's plain words stand in
their place. The check's summary, the settings and the tool's own pages stay English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Labels:
    """One language's words.

    Parameters
    ----------
    predicted, level, target, matching, missing, not_measurable, no_evidence : str
        Labels of the summary's rows.
    levels : mapping of str to str
        Level of confidence -> its name, alone.
    none : str
        In place of an empty list.
    absent, present_not_attended : str
        Why an AU is missing.
    nothing_speaks : str or None
        Why there is no evidence, of ``{emotion}``; None for the reason that the facts give.
    articles : tuple of str
        That a movement's words may begin with; they are left out in the block.
    offline : str
        The offline writer's byline.
    model : str
        A language model's, of ``{model}``.
    tokens, seconds, cost : str
        ``{asked} {written}``, ``{seconds}``, ``{cost}``.
    took, cached : str
        Of ``{told}``, a list of these.
    note, note_sides : str
    """

    predicted: str
    level: str
    target: str
    matching: str
    missing: str
    not_measurable: str
    no_evidence: str
    levels: Mapping[str, str]
    none: str
    absent: str
    present_not_attended: str
    nothing_speaks: str | None
    articles: tuple[str, ...]
    offline: str
    model: str
    tokens: str
    seconds: str
    cost: str
    took: str
    cached: str
    note: str
    note_sides: str


LABELS: Mapping[str, Labels] = {
    "en": Labels(
        predicted="Predicted emotion",
        level="Confidence level",
        target="Target class",
        matching="Matching AUs",
        missing="Missing AUs",
        not_measurable="Not measurable AUs",
        no_evidence="No positive evidence",
        levels={"High": "High", "Medium": "Medium", "Low": "Low"},
        none="none",
        absent="absent",
        present_not_attended="present, not attended",
        nothing_speaks=None,
        articles=("the ",),
        offline="Composed by the offline writer from the measured facts; no language model.",
        model="Written by {model} from the measured facts; no image was sent.",
        tokens="{asked} + {written} tokens",
        seconds="{seconds} s",
        cost="cost {cost}",
        took="It took {told}.",
        cached="From the cache (when asked: {told}).",
        note="This describes what the model went by, not what the person feels.",
        note_sides="Left and right are the person's.",
    ),
    "it": Labels(
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
        took="Ha richiesto {told}.",
        cached="Dalla cache (alla richiesta: {told}).",
        note="Descrive ciò su cui si è basato il modello, non ciò che la persona prova.",
        note_sides="Sinistra e destra sono quelle della persona.",
    ),
    "es": Labels(
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
        took="Ha tardado: {told}.",
        cached="De la caché (cuando se preguntó: {told}).",
        note="Describe en qué se basó el modelo, no lo que siente la persona.",
        note_sides="Izquierda y derecha son las de la persona.",
    ),
    "de": Labels(
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
        took="Aufwand: {told}.",
        cached="Aus dem Cache (bei der Anfrage: {told}).",
        note="Das beschreibt, wonach das Modell ging, nicht, was die Person fühlt.",
        note_sides="Links und rechts sind die Seiten der Person.",
    ),
}
"""Language code -> words."""
