"""List Italian words for movements of the face; `vocabulary.model` describes the notation."""

from __future__ import annotations

from xfera_nb.explanation.vocabulary.model import Discourse, EmotionWords, Vocabulary, either, first

_BROW = "sopraccigl*"
_EYES = "occhio/occhi"
_LIPS = "labbr*"
_PIECE = "parte/parti/estremita/angol*/punt*/porzion*/lato/lati/bord*/meta/margin*/zona/zone"
_CORNER = "angol*/estremita/lati/commissur*/bord*/punte"
_MOVED = (
    "tir*/spint*/sping*/rivolt*/volt*/curv*/pieg*/gir*/port*/va/vanno/punt*/mosse/mossi/mosso/"
    "mossa/muov*/sposta*/trascin*"
)

PARTS = {
    "inner brow": (
        f"{_PIECE} intern*/medial*/central* {_BROW}",
        f"{_BROW} intern*/medial*",
        f"interno/interni/interne {_BROW}",
        f"{_PIECE} {_BROW} intern*",
    ),
    "outer brow": (
        f"{_PIECE} estern*/lateral* {_BROW}",
        f"{_BROW} estern*/lateral*",
        f"esterno/code/coda {_BROW}",
        f"{_PIECE} {_BROW} estern*",
    ),
    "brow": (
        _BROW,
        f"arcat* {_BROW}",
        f"{_PIECE} intern* e/ed estern* {_BROW}",
        f"{_BROW} intern* e/ed estern*",
    ),
    "between brows": (f"tra/fra {_BROW}", f"tra/fra due {_BROW}", "glabella"),
    "forehead": ("fronte",),
    "upper lid": ("palpebr* superior*",),
    "lower lid": ("palpebr* inferior*",),
    "lid": ("palpebr*",),
    "eye corner": (
        f"angol*/cod*/lato/lati/contorn* {_EYES}",
        f"angol* estern* {_EYES}",
        f"intorno/attorno/vicino/accanto/sotto {_EYES}",
    ),
    "eye": (_EYES,),
    "eye white": (f"bianco {_EYES}", "sclera/sclere"),
    "cheek": ("guanc*/zigom*/gota/gote",),
    "nose": ("naso", "radice/dorso/ponte/lati/lato naso", "nasal*"),
    "nostril": ("narici/narice", "ali naso/nasali", "pinne nasali"),
    "fold": (
        "piegh*/piega/solc*/rug* nasolabial*",
        "piegh*/piega/solc*/rug* naso labial*",
        "piegh*/piega/solc*/rug* tra/fra naso e bocca/labbra",
        "nasolabial*",
    ),
    "upper lip": ("labbr* superior*",),
    "lower lip": ("labbr* inferior*",),
    "lip corner": (
        f"{_CORNER} bocca/{_LIPS}",
        f"{_CORNER} estern* bocca/{_LIPS}",
        "commissur*",
        "angol* labial*",
        "commissur* labial*",
    ),
    "lip": (_LIPS,),
    "mouth": ("bocca/bocche",),
    "teeth": ("dente/denti/dentatura",),
    "tongue": ("lingua",),
    "chin": ("mento",),
    "jaw": ("mascell*/mandibol*",),
}

ACTIONS = {
    "raise": (
        "sollev*", "alz*", "innalz*", "rialz*", "elevat*/eleva/elevano/elevar*/elevazion*", "insu",
        "verso/in alto", "in su", "inarc*", "arcuat*", "salgono/sale/salire/salit*/risal*",
        f"{_MOVED} verso/in alto/su", f"{_MOVED} su/insu", "piega insu",
    ),
    "lower": (
        "abbass*", "verso/in basso", "in giu", "ingiu", "pendono/pende/pendent*",
        "cala/calano/calat*", "scend*/discend*", "depress*/deprim*",
        f"{_MOVED} verso/in basso/giu", f"{_MOVED} giu/ingiu",
    ),
    "drop": ("cade/cadono/cadut*/cadere/cadent*", "ricad*", "penzol*", "ciondol*"),
    "together": (
        "avvicin*", "ravvicin*", "aggrott*", "corrug*", "contra*", "uniscono/unisce/unit*",
        "congiun*", "accigl*", f"{_MOVED} insieme", "convergono/convergent*",
    ),
    "pull": ("tir*", "trazion*"),
    "back": (
        "tir*/stir* indietro/lateralmente", "lateralmente", "verso lati/orecchie/esterno/fuori",
        "orizzontalmente", "tir*/stir* verso lati/orecchie/esterno", "tir* lati", "indietro",
    ),
    "stretch": ("stir*", "allarg*", "allung*", "distes*/distend*", "stiramento"),
    "open wide": (
        "spalanc*", "molto/ben/ampiamente/completamente apert*", "apert* ampiamente/molto",
    ),
    "widen": (
        "allarg*", "spalanc*", "sbarr*", "sgran*", "dilat*", "molto/ben/ampiamente apert*",
        "apert* ampiamente/molto", "strabuzz*",
    ),
    "open": ("apert*/apre/aprono/aprir*/aprend*", "socchiu*", "dischiu*", "schiu*"),
    "part": ("separ*", "dischiu*", "schiu*", "discost*", "distacc*"),
    "close": ("chius*/chiud*",),
    "tighten": (
        "teso/tesa/tesi/tese/tension*/tend*", "irrigid*", "contra*", "strett*/string*", "serr*",
        "restring*", "tirat*",
    ),
    "narrow": (
        "strett*/string*/restring*/ristrett*/restringi*", "socchiu*", "assottigli*", "sottil*",
        "fessur*",
    ),
    "press": ("serr*", "prem*", "compress*/comprim*", "pressat*/pression*", "strizz*", "schiacc*"),
    "wrinkle": (
        "arricci*", "incresp*", "ruga/rughe/rughett*/rugos*", "raggrinz*", "corrug*", "grinz*",
        "piegh*/piega", "solc*", "linee/linea", "aggrinz*", "pieghett*",
    ),
    "curl": ("ricurv*", "storc*/stort*", "arriccia* verso/in alto"),
    "bunch": ("spint*/sping*", "sporg*", "arrotond*", "rigonfi*"),
    "puff": ("gonfi*",),
    "deepen": ("profond*", "approfond*", "marcat*", "accentu*"),
    "tuck": ("rientr*", "infoss*", "incav*", "strett*/string*", "tir*/spint* dentro/indentro"),
    "pucker": ("arricci*", "incresp*", "imbronci*"),
    "funnel": (
        "protru*/protes*", "sporg*", "spint*/sping*/tir* fuori", "in fuori", "in avanti",
        "spint*/sping* in avanti/fuori", "imbuto", "verso esterno",
    ),
    "suck": (
        "risucchi*", "succhi*", "rientr*", "verso interno", "dentro/indentro", "ripieg* dentro",
    ),
    "oblique": ("obliqu*", "inclinat*"),
    "show": (
        "mostr*", "visibil*", "scopert*/scopr*", "vedono/vede", "espost*", "appaiono/appare",
    ),
    "clench": ("serr*", "strett*/string*", "digrign*"),
    "bite": ("mord*/mors*",),
}  # fmt: skip

PHRASES = {
    "sorris*/sorrid*": first(12),
    "ghign*/sogghign*": first(12),
    "zampe gallina": first(6),
    "zampette gallina": first(6),
    "aggrott* ciglia": first(4),
    "accigliat*/cipigli*": first(4),
    "fossett*": first(14),
    "fossett* ~ guanc*": first(14),
    "guanc* fossett*": first(14),
    "fossett* mento": first(17),
    "ammicc*": first(45, 43),
    "occhiolino": first(45, 43),
    "sbatt*/batt* palpebr*/occhi/ciglia": first(45, 43),
    "battito/battiti palpebr*/ciglia": first(45, 43),
    "strizz* occhi": first(7, 6),
    "broncio/imbronci*": either(17, 18, 22),
    "boccheggi*": either(25, 26, 27),
    "sbadigli*": first(27, 26),
}

EMOTIONS = EmotionWords(
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
    having=("copula", "sono/era/erano/sia/essere", "sent*", "prov*", "ha/hanno", "sembra*",
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
)  # fmt: skip

DISCOURSE = Discourse(
    one=("esso/essa/questo/questa/quest/ultimo/ultima",),
    many=("essi/esse*/queste/questi/entramb*/loro",),
    owners=("suo/sua/suoi/sue/cui",),
    singular=(
        "bocca/naso/mascella/mandibola/mento/guancia/sopracciglio/labbro/palpebra/angolo/fronte/"
        "occhio",
    ),
    verbs_of_one=("copula/appare/risulta/sembra/si/ha/resta/viene/rimane/presenta/mostra",),
    verbs_of_many=(
        "sono/appaiono/risultano/sembrano/si/hanno/restano/vengono/rimangono/stanno/presentano",
    ),
    relative=(
        "che/cui/quale/quali/dove",
        "a/al/alla/ai/agli/alle/all/su/sul/sulla/sui/sugli/sulle/in/nel/nella/nei/nelle/di/del/"
        "della/dei/degli/delle/da/dal/dalla/dai/dalle/con/per/tra/fra/sotto/sopra "
        "cui/quale/quali",
        "tra/fra/sotto/sopra/intorno i/le/la/il/a/alla/al/ai/alle cui/quale/quali",
        "la/il/i/le cui",
    ),
    whose=("cui",),
    resuming=(
        "copula/sono/era/erano/appare/appaiono/risulta/risultano/sembra/sembrano/si/ha/hanno/"
        "viene/vengono/resta/restano/rimane/rimangono/punta/puntano/mostra/mostrano/va/vanno",
    ),
    conditions=(
        "se/qualora/purche/altrimenti", "caso in cui", "fosse/fossero/avesse/avessero",
    ),
    condition_endings=("rebbe", "rebbero"),
    no_conditions=(
        "come se", "anche se", "se non altro", "potrebb*/dovrebb*/sembrereb*", "direbb*",
    ),
    doubts=(
        "forse/probabilmente/eventualmente/possibilmente/magari", "chiaro/certo/sicuro se",
        "capire/dire/stabilire/vede/vedere se", "darsi che", "possibile che",
    ),
    modals=("puo/possono/potrebb*/dovrebb*",),
    no_doubts=("puo/possono vedere", "si puo dire"),
    contrasts=(
        "anziche", "invece di/del/dello/della/dei/degli/delle/dell/che", "piuttosto che",
        "al posto", "lungi da/dal/dall", "lontano/lontane/lontani da/dal/dall",
    ),
    contrast_ends=(
        "copula/sono/si/vediamo/troviamo/troviam/abbiamo/appare/appaiono/mostra/compare/compaiono/"
        "osserviamo/vi/ce/ci",
    ),
    missing=(
        "non rilevat*/trovat*/vist*/visibil*/presen*/attiv*/osservat*", "manc*/assent*/inattiv*",
        "non ~ osserv*/ved*/vist*/rilev*/trov*/compai*", "nessuna attivita/attivazione",
    ),
    reaching=("arriv*/raggiun*/giung*/coinvolg*/tocc*/estend*",),
    denials=("non/mai/nemmeno/senza/appena",),
)  # fmt: skip

VOCABULARY = Vocabulary(
    language="it",
    parts=PARTS,
    actions=ACTIONS,
    phrases=PHRASES,
    emotions=EMOTIONS,
    small_words=frozenset(
        [
            "il", "gli", "le", "della", "delle", "degli", "dei", "nel", "sono", "è", "e", "non",
            "che", "con", "di", "bocca", "labbra", "occhi", "sopracciglia", "verso", "una", "più",
            "anche", "alla", "questo", "volto", "si", "guance", "naso", "sorriso",
        ]
    ),
    regions={
        "brows": (_BROW,),
        "eyes": (_EYES,),
        "nose": ("naso",),
        "cheeks": ("guancia/guance",),
        "mouth": ("bocca",),
        "chin": ("mento",),
    },
    claims={
        "looked": ("guardat*/guarda/guardo", "mappa/mappe", "attenzione", "concentrat*"),
        "hidden": ("sfoc*", "nascond*/nascost*", "copert*/coprend*"),
        "changes": ("diventa*", "cambia*"),
        "little": ("poco",),
        "inside": ("li volto", "zone guardate"),
        "outside": ("altrove", "altre zone"),
        "measured": ("misura*",),
    },
    discourse=DISCOURSE,
    codes={"au": True, "unita azione": True, "action unit/units": True, "unita facs": True},
    negated_after=(
        "senza", "nessun*", "anziche", "invece di/del/dello/della/dei/degli/delle/dell/che",
        "nulla", "niente", "priv*", "piuttosto che", "al posto di/del/della/dei/delle",
    ),
    negated_around=(
        "non", "mai", "manc*", "assent*", "assenza", "inattiv*",
        "nessun* attivita/attivazione/movimento", "nemmeno/neppure/neanche",
    ),
    idioms=(
        "non solo/soltanto/solamente/unicamente", "senza dubbio", "non a caso", "non meno",
    ),
    breaks=frozenset(
        {"ma", "mentre", "pero", "tuttavia", "sebbene", "benche", "perche", "poiche", "bensi",
         "siccome", "invece"}
    ),
    joining=frozenset({"e", "ed", "o", "od", "oppure", "ne", "nonche"}),
    linking_words=frozenset({"non", "anche", "sia", "che", "alcun", "alcuna"}),
    sides={
        "left": ("sinistr*", "lato sinistro"),
        "right": ("destr*", "lato destro"),
        "both": ("entramb*", "ambedue", "tutti/tutte e due", "bilateral*", "simmetric*"),
        "one": ("unilateral*", "asimmetric*", "un solo lato", "un lato solo"),
        "only": ("solo", "soltanto", "solamente", "unicamente"),
    },
    strengths={
        "weak": (
            "legger*", "liev*", "debol*", "appena", "appena visibil*/percettibil*/accennat*",
            "poco visibil*", "accenn*", "po", "minim*", "tenue/tenui/tenuemente", "delicat*",
            "modest*", "piccol*", "traccia/tracce", "flebil*",
        ),
        "moderate": ("moderat*", "discret*"),
        "clear": ("chiar*", "evident*", "visibil*", "nett*", "distint*", "ben visibil*"),
        "strong": (
            "forte/forti/fortemente/fortissim*", "con forza", "molto forte/forti", "intens*",
            "marcat*", "pronunciat*", "accentuat*", "notevol*", "estremo/estrema/estremamente",
            "massim*", "energic*",
            "vigoros*", "potent*", "decisamente",
        ),
    },
    dropped=frozenset(
        [
            "il", "lo", "la", "i", "gli", "le", "l", "un", "uno", "una", "d", "di", "del",
            "dello", "della", "dei", "degli", "delle", "dell", "al", "allo", "alla", "ai", "agli",
            "alle", "all", "da", "dal", "dalla", "dai", "dalle", "dall", "dalle", "sul", "sulla",
            "sui", "sulle", "sull", "nel", "nella", "nei", "nelle", "nell", "negli", "suo", "sua",
            "suoi", "sue", "loro", "si", "questo", "questa", "queste", "questi", "c",
        ]
    ),
    elided=True,
    aliases={"è": "copula", "né": "nemmeno", "nè": "nemmeno"},
)  # fmt: skip
