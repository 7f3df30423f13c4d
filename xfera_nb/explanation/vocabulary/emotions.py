"""Words for emotions in four languages, and for saying that a person has them.

The notation of the patterns stands in `vocabulary.model`; all are single words here. Contempt is
none of the seven classes, and so always another emotion. Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Patterns = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class EmotionWords:
    """One language's words.

    Parameters
    ----------
    emotions : mapping of str to patterns
        One of EMOTIONS, or "contempt" -> its words.
    persons : patterns
        Who may feel.
    having : patterns
        What stands between a person and the emotion that it is said to have.
    feeling : patterns
        Verbs of feeling, which are a claim without an emotion's name.
    owners : patterns
        Possessives: "her joy".
    judged : patterns
        What makes a clause one about the model's answer: "classified".
    not_felt : patterns
        What parts a person from a feeling, or follows its name: "expression", "face".
    denials : patterns
    no_emotion_before : patterns
        "A neutral position" is no emotion.
    silent_subject : bool
        Whether a clause may leave the person out: "è felice".
    """

    emotions: Mapping[str, Patterns]
    persons: Patterns
    having: Patterns
    feeling: Patterns
    owners: Patterns
    judged: Patterns
    not_felt: Patterns
    denials: Patterns
    no_emotion_before: Patterns
    silent_subject: bool = False


EMOTION_WORDS: Mapping[str, EmotionWords] = {
    "en": EmotionWords(
        emotions={
            "anger": ("anger*", "angry", "angri*", "rage", "enraged", "furious*", "fury",
                      "irritat*", "annoy*", "irate", "outrage*"),
            "disgust": ("disgust*", "revulsion", "revolted", "repuls*", "repelled"),
            "fear": ("fear*", "afraid", "scared", "scary", "frighten*", "fright", "terror",
                     "terrif*", "anxi*", "panic*"),
            "happiness": ("happy", "happi*", "joy*", "cheerful*", "delight*", "glad*", "pleased",
                          "pleasure", "amuse*", "elated", "content"),
            "neutral": ("neutral*",),
            "sadness": ("sad/sadly/sadder/saddest", "sadness", "sorrow*", "unhapp*", "grief",
                        "griev*", "melanchol*", "gloom*", "miserabl*"),
            "surprise": ("surprise/surprises/surprised/surprising", "astonish*", "amaze*",
                         "startl*", "shock*"),
            "contempt": ("contempt*", "disdain*", "scorn*"),
        },
        persons=("he/she/they/you/we", "he's/she's/they're/you're", "person/people/persons",
                 "man/men/woman/women", "boy/boys/girl/girls/child/kid", "lady/guy/gentleman",
                 "individual/individuals", "subject/subjects", "participant*/patient*",
                 "someone/somebody", "who"),
        having=("is/are/was/were/be/am/been/being", "'s/he's/she's/they're/you're",
                "feel/feels/felt/feeling", "experienc*", "seem/seems/seemed",
                "appear/appears/appeared", "has/have/had/having", "must",
                "became/become/becomes", "get/gets/got"),
        feeling=("feel/feels/felt/feeling",),
        owners=("his/her/their/your", "person's/man's/woman's/subject's/individual's"),
        judged=("classif*", "label*", "recogni*", "predict*", "detect*", "rated", "called",
                "associat*", "categor*", "identif*", "interpret*", "typical*"),
        not_felt=("expression*", "face/faces/facial", "look/looks/looking", "smile/smiles/smiling",
                  "model*", "network*", "class/classes", "emotion/emotions", "feature*",
                  "score*", "appearance", "read"),
        denials=("not", "no", "never", "cannot", "nor", "without", "whether", "nothing", "how",
                 "what"),
        no_emotion_before=("position*/state/states/pose/alignment/shape",),
    ),
    "it": EmotionWords(
        emotions={
            "anger": ("rabbi*", "arrabbiat*", "collera", "furios*", "furia", "irritat*", "ira",
                      "irat*", "adirat*"),
            "disgust": ("disgust*", "ribrezzo", "schifat*", "schifo", "ripugnan*"),
            "fear": ("paur*", "spavent*", "impaurit*", "terror*", "terrorizz*", "timore",
                     "ansios*", "ansia"),
            "happiness": ("felic*", "gioi*", "content*", "allegr*", "lieto/lieta/lieti/liete"),
            "neutral": ("neutr*",),
            "sadness": ("trist*", "infelic*", "malinconi*", "dolore", "afflitt*"),
            "surprise": ("sorpres*", "stupor*", "stupit*", "meravigli*", "sbalordit*"),
            "contempt": ("disprezzo", "sprezzant*"),
        },
        persons=("lui/lei/loro/egli/ella/essa", "persona/persone", "uomo/uomini/donna/donne",
                 "ragazz*", "bambin*", "soggetto/soggetti", "individu*", "partecipant*",
                 "signor*"),
        having=("esse", "sono/era/erano/sia/essere", "sent*", "prov*", "ha/hanno", "sembra*",
                "sta/stanno"),
        feeling=("sente/sentono/sentirsi", "prova/provano/provando"),
        owners=("sua/suo/loro",),
        judged=("classific*", "riconosc*", "etichett*", "predett*", "rilev*", "associ*",
                "categori*", "tipic*", "interpret*", "identific*"),
        not_felt=("espression*", "volto/viso/faccia", "modello", "rete", "classe/classi",
                  "emozion*"),
        denials=("non", "senza", "mai", "nemmeno", "se", "nulla", "niente", "cosa", "come"),
        no_emotion_before=("posizion*/stato",),
        silent_subject=True,
    ),
    "es": EmotionWords(
        emotions={
            "anger": ("ira", "enfad*", "enoj*", "rabi*", "furi*", "irritad*", "colera"),
            "disgust": ("asco", "asquead*", "repugn*", "repuls*"),
            "fear": ("mied*", "asustad*", "temor*", "terror*", "aterr*", "atemoriz*", "ansios*",
                     "panico", "susto"),
            "happiness": ("feliz*", "felices", "felicidad", "alegr*", "content*", "dichos*"),
            "neutral": ("neutr*",),
            "sadness": ("trist*", "infeliz*", "pena", "melancol*", "apenad*", "afligid*"),
            "surprise": ("sorpres*", "sorprend*", "asombr*", "atonit*"),
            "contempt": ("despreci*", "desden*"),
        },
        persons=("ella/ellos/ellas/usted", "persona/personas", "hombre*", "mujer*",
                 "chic*", "nino/nina/ninos/ninas", "sujeto*", "individu*", "participante*",
                 "senor*", "alguien"),
        having=("es/son/esta/estan/era/estaba/ser/estar", "sient*", "sent*", "experiment*",
                "tien*", "parec*"),
        feeling=("siente/sienten/sentirse/sintiendo",),
        owners=("su/sus",),
        judged=("clasific*", "reconoc*", "etiquet*", "predi*", "detect*", "asoci*", "categor*",
                "tipic*", "interpret*", "identific*"),
        not_felt=("expresion*", "rostro/cara", "modelo", "red", "clase*", "emocion*"),
        denials=("no", "sin", "nunca", "ni", "si", "nada", "como"),
        no_emotion_before=("posicion*/estado",),
        silent_subject=True,
    ),
    "de": EmotionWords(
        emotions={
            "anger": ("wut", "wütend*", "ärger*", "verärger*", "zorn*", "zürn*", "rasend",
                      "gereizt*"),
            "disgust": ("ekel*", "angeekel*", "abscheu*", "widerwill*"),
            "fear": ("angst", "ängst*", "verängstig*", "furcht*", "fürcht*", "schrecken",
                     "panik", "panisch*", "entsetz*"),
            "happiness": ("glück*", "freude*", "freud*", "fröhlich*", "froh*", "erfreut*",
                          "freut", "heiter*", "vergnügt*"),
            "neutral": ("neutral*",),
            "sadness": ("traurig*", "trauer*", "unglück*", "betrübt*", "kummer", "melanchol*"),
            "surprise": ("überrasch*", "erstaun*", "staun*", "verblüff*", "verwunder*"),
            "contempt": ("verachtung", "verächtlich*"),
        },
        persons=("er/sie/wir", "person/personen", "mann/männer/frau/frauen", "mensch*",
                 "kind/kinder", "junge/mädchen", "proband*", "teilnehm*", "jemand", "dame/herr"),
        having=("ist/sind/war/waren/sein", "fühl*/gefühl*", "empfind*", "hat/haben/hatte",
                "verspür*/spür*", "scheint/scheinen", "wird/wurde/werden"),
        feeling=("fühlt/fühlen/fühle", "empfindet/empfinden"),
        owners=("seine/seiner/seinen/sein", "ihre/ihrer/ihren/ihr"),
        judged=("klassifi*", "eingestuft*", "eingeordnet*", "erkannt*", "erkenn*", "vorherges*",
                "bezeichn*", "zugeordnet*", "kategor*", "typisch*", "eingeschätzt*", "bewertet*",
                "gedeutet*"),
        not_felt=("ausdruck*", "gesichtsausdruck*", "gesicht*", "modell*", "netz*", "klasse*",
                  "emotion*"),
        denials=("nicht", "kein*", "nie", "niemals", "ohne", "ob", "nichts", "wie"),
        no_emotion_before=("position*/stellung*/lage/zustand*/haltung*",),
    ),
}  # fmt: skip
"""Language code -> words."""
