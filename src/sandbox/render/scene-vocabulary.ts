import type { CameraMotion, Mood, SceneSubject, SubjectKind, TimeOfDay, Weather } from './scene-spec.ts'

/** What a picture can be of; the first that the words name decides the ground. */
export type Setting =
  | 'space'
  | 'street'
  | 'road'
  | 'beach'
  | 'sea'
  | 'lake'
  | 'desert'
  | 'forest'
  | 'mountains'
  | 'city'
  | 'meadow'
  | 'sky'

type Vocabulary<T> = readonly (readonly [T, RegExp])[]

/** Word lists are tried in order. English words stand alone; Chinese ones may be parts of longer words. */
export const settingWords: Vocabulary<Setting> = [
  [
    'space',
    /\b(?:outer space|space|galax(?:y|ies)|planets?|cosm(?:os|ic)|nebula|astronauts?|universe|mars|saturn|orbit|spaceships?|rockets?|interstellar)\b|宇宙|太空|银河|星球|火箭/,
  ],
  [
    'street',
    /\b(?:streets?|alley(?:way)?s?|downtown|sidewalks?|pavements?|crosswalks?|boulevards?|avenues?|chinatown|shibuya|tokyo|neon|cyberpunk|intersections?)\b|街|巷|霓虹|路口/,
  ],
  ['road', /\b(?:roads?|highways?|motorways?|freeways?|route 66|driving|road ?trip)\b|公路|马路|驾驶/],
  ['beach', /\b(?:beach(?:es)?|shore(?:line)?|seaside|surf(?:ers?|ing)?)\b|沙滩|海滩|海边/],
  [
    'sea',
    /\b(?:ocean|seas?|waves?|coast(?:line|al)?|island|harbou?r|sail(?:ing|boats?)?|yachts?|dolphins?|whales?|tropical)\b|海|帆船|波浪/,
  ],
  ['lake', /\b(?:lakes?|rivers?|ponds?|fjords?|reservoir)\b|湖|河|江/],
  ['desert', /\b(?:deserts?|dunes?|sahara|camels?|cact(?:us|i))\b|沙漠|沙丘/],
  ['forest', /\b(?:forests?|woods|woodlands?|jungle|pines?|trees|redwoods?|taiga)\b|森林|树林|丛林/],
  [
    'mountains',
    /\b(?:mountains?|mountaintop|alps|alpine|peaks?|summits?|himalayas?|cliffs?|canyons?|volcano(?:es)?|ridge)\b|山/,
  ],
  [
    'city',
    /\b(?:city|cities|cityscape|skylines?|skyscrapers?|metropolis|urban|manhattan|new york|buildings?|rooftops?)\b|城市|都市|高楼|天际线/,
  ],
  [
    'meadow',
    /\b(?:meadows?|fields?|grass(?:land|y)?|hills?|countryside|farms?|valleys?|prairies?|gardens?|parks?|spring|flowers?|blossoms?|tulips?|lavender|sunflowers?)\b|草原|草地|田野|花/,
  ],
  ['sky', /\b(?:sky|skies|clouds?|heavens?)\b|天空|云/],
]

export const timeWords: Vocabulary<TimeOfDay> = [
  ['sunset', /\b(?:sunset|sundown|golden[- ]hour|setting sun)\b|日落|夕阳|落日/],
  ['dawn', /\b(?:dawn|sunrise|daybreak|morning|first light)\b|日出|清晨|黎明|早晨/],
  ['dusk', /\b(?:dusk|twilight|blue[- ]hour|evening|nightfall)\b|黄昏|傍晚|暮色/],
  [
    'night',
    /\b(?:night(?:s|time)?|midnight|moon(?:lit|light)?|starry|stars|milky way|aurora|northern lights|neon|cyberpunk|synthwave)\b|夜|星空|月光|极光|霓虹/,
  ],
  ['day', /\b(?:day(?:time|light)?|noon|midday|sunny|afternoon|blue sky)\b|白天|中午|晴/],
]

export const weatherWords: Vocabulary<Weather> = [
  ['storm', /\b(?:storm(?:y|s)?|thunder(?:storm)?|lightning|tempest|hurricane)\b|暴风|雷|闪电/],
  [
    'snow',
    /\b(?:snow(?:y|ing|fall|storm|-covered|flakes?)?|blizzard|winter|wintry|arctic|frozen|icy)\b|雪|冬/,
  ],
  ['rain', /\b(?:rain(?:y|ing|fall|drops?|-soaked)?|drizzl(?:e|ing)|downpour|monsoon)\b|雨/],
  ['fog', /\b(?:fog(?:gy)?|mist(?:y)?|haz[ey]|smoky)\b|雾/],
]

export const subjectWords: Vocabulary<SubjectKind> = [
  ['fox', /\b(?:fox(?:es)?|vixen)\b|狐/],
  ['wolf', /\b(?:wolf|wolves|husk(?:y|ies)|coyotes?)\b|狼/],
  ['dog', /\b(?:dogs?|pupp(?:y|ies)|corgis?|retrievers?|labradors?|hounds?|terriers?)\b|狗|犬/],
  ['cat', /\b(?:cats?|kittens?|kitty|lynx|leopards?|panthers?|tigers?|lions?)\b|猫|虎/],
  ['horse', /\b(?:horses?|stallions?|mares?|pon(?:y|ies)|mustangs?|unicorns?)\b|马(?!路)/],
  ['deer', /\b(?:deer|stags?|reindeer|elks?|moose|antelopes?|gazelles?)\b|鹿/],
  ['dolphin', /\b(?:dolphins?|whales?|orcas?)\b|海豚|鲸/],
  ['boat', /\b(?:boats?|sailboats?|sailing|ships?|yachts?|canoes?|kayaks?)\b|船|帆/],
  ['balloon', /\b(?:balloons?)\b|气球/],
  ['train', /\b(?:trains?|railways?|locomotives?|metro)\b|火车|列车|高铁/],
  ['plane', /\b(?:planes?|airplanes?|aeroplanes?|jets?|airliners?|aircraft)\b|飞机/],
  ['rocket', /\b(?:rockets?|spaceships?|spacecraft|space shuttle|starships?)\b|火箭|飞船/],
  ['butterfly', /\b(?:butterfl(?:y|ies))\b|蝴蝶/],
  [
    'bird',
    /\b(?:birds?|seagulls?|gulls?|eagles?|hawks?|cranes?|swans?|geese|pigeons?|doves?|ravens?|crows?|swallows?|flock)\b|鸟|海鸥|鹰|雁/,
  ],
  [
    'car',
    /\b(?:cars?|taxis?|cabs?|suv|vehicles?|trucks?|sports ?car|convertible|traffic|driving)\b|汽车|车流|出租车|跑车/,
  ],
  [
    'person',
    /\b(?:person|people|man|men|woman|women|girls?|boys?|child(?:ren)?|kids?|couple|lovers?|runners?|hikers?|walkers?|travell?ers?|dancers?|pedestrians?|someone|athletes?|tourists?|crowds?|figures?)\b|人|女孩|男孩|情侣|孩子/,
  ],
]

export const paceWords: Vocabulary<SceneSubject['pace']> = [
  [
    'run',
    /\b(?:run(?:s|ning|ner)?|gallop(?:s|ing)?|sprint(?:s|ing)?|chas(?:e|es|ing)|rac(?:e|es|ing)|dash(?:es|ing)?|jump(?:s|ing)?|speed(?:s|ing)?|jog(?:s|ging|ger)?|leap(?:s|ing)?)\b|奔|跑|追/,
  ],
  [
    'still',
    /\b(?:sit(?:s|ting)?|stand(?:s|ing)?|sleep(?:s|ing)?|rest(?:s|ing)?|still|watch(?:es|ing)?|look(?:s|ing)?|gaz(?:e|es|ing)|parked|wait(?:s|ing)?)\b|坐|站|睡|停/,
  ],
  [
    'walk',
    /\b(?:walk(?:s|ing)?|stroll(?:s|ing)?|wander(?:s|ing)?|hik(?:e|es|ing)|roam(?:s|ing)?|graz(?:e|es|ing))\b|走|散步/,
  ],
]

export const moodWords: Vocabulary<Mood> = [
  [
    'electric',
    /\b(?:neon|cyberpunk|techno|futuristic|electric|synthwave|club|party|sci-?fi|digital)\b|霓虹|赛博|科技/,
  ],
  [
    'tense',
    /\b(?:storm(?:y)?|dramatic|dark|ominous|horror|thriller|epic|intense|battle|thunder)\b|暴风|紧张|史诗/,
  ],
  [
    'dreamy',
    /\b(?:dream(?:y|like)?|magic(?:al)?|fantasy|surreal|ethereal|aurora|galaxy|space|nebula|fairy ?tale|soft)\b|梦|奇幻|魔法/,
  ],
  [
    'warm',
    /\b(?:warm|cozy|sunset|golden|autumn|fall leaves|romantic|nostalgic|candle|coffee|vintage)\b|温暖|秋|浪漫|日落|夕阳/,
  ],
  [
    'bright',
    /\b(?:happy|fun|joy(?:ful)?|energetic|playful|bright|upbeat|sport|summer|colou?rful|cheerful|vibrant|product|launch)\b|欢乐|活力|夏|明亮/,
  ],
  ['calm', /\b(?:calm|peaceful|quiet|serene|slow|gentle|tranquil|minimal)\b|宁静|平静|安静/],
]

export const motionWords: Vocabulary<CameraMotion> = [
  ['push-in', /\b(?:push(?:es|ing)?[- ]in|doll(?:y|ies)(?:[- ]in)?|zoom(?:s|ing)?[- ]in)\b|推进|推近/],
  ['pull-out', /\b(?:pull(?:s|ing)?[- ](?:out|back)|zoom(?:s|ing)?[- ]out|drone|aerial)\b|拉远|航拍/],
  ['track', /\b(?:track(?:s|ing)?(?: shot)?|follow(?:s|ing)?)\b|跟拍|跟随/],
  ['handheld', /\b(?:handheld|hand-held|shaky|documentary|vlog)\b|手持/],
  ['pan', /\b(?:pan(?:s|ning)?|sweep(?:s|ing)?)\b|摇镜/],
  ['drift', /\b(?:drift(?:s|ing)?|float(?:s|ing)?|static|loop(?:ing)?)\b|漂浮/],
]

/** Colors as words, and what they look like in light. */
export const colorWords: Vocabulary<string> = [
  ['#e23d3d', /\b(?:red|crimson|scarlet)\b|红/],
  ['#ff8a2b', /\b(?:orange|amber|autumn(?:al)?)\b|橙/],
  ['#ffc23d', /\b(?:gold(?:en)?(?![- ]hour| retriever)|yellow)\b|金色|黄色/],
  ['#3fbf6b', /\b(?:green|emerald|lime)\b|绿/],
  ['#23c3c0', /\b(?:teal|turquoise|aqua|cyan)\b|青色/],
  ['#2f74e0', /\b(?:blue(?![- ]hour)|azure|navy|indigo)\b|蓝/],
  ['#8a4fe0', /\b(?:purple|violet|lavender|lilac)\b|紫/],
  ['#ff5fa8', /\b(?:pink|magenta|rose|fuchsia)\b|粉/],
  ['#f4f4f0', /\b(?:white|ivory)\b|白色/],
  ['#23232b', /\b(?:black)\b|黑色/],
  ['#8d8f99', /\b(?:gr[ae]y|silver)\b|灰|银色/],
  ['#8a5a33', /\b(?:brown|chestnut|bronze)\b|棕/],
]

export const auroraWords = /\b(?:aurora|northern lights)\b|极光/
export const clearSkyWords = /\b(?:clear sky|cloudless|starry|milky way|stars)\b|晴空|星空/
export const flowerWords =
  /\b(?:flowers?|blossoms?|tulips?|lavender|sunflowers?|gardens?|spring|butterfl(?:y|ies))\b|花|蝴蝶/

/** The first entry whose words occur in `text`. */
export function findWord<T>(vocabulary: Vocabulary<T>, text: string): T | null {
  return vocabulary.find(([, pattern]) => pattern.test(text))?.[0] ?? null
}
