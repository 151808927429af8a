import examples from 'libphonenumber-js/mobile/examples'
import { getCountries, getExampleNumber } from 'libphonenumber-js/max'
import { expect, test } from 'vitest'
import { canonicalPhone } from '../../daemon/domain/phone.ts'

const NUMBER = '+919876543210'

const PASTED = {
  'brackets around the country code': '(+91) 98765 43210',
  'brackets after the plus': '+(91) 98765 43210',
  'the national zero in brackets': '+91 (0) 98765 43210',
  'Devanagari digits': '९८७६५ ४३२१०',
  'Devanagari digits with a country code': '+९१ ९८७६५ ४३२१०',
  'Arabic digits': '+٩١ ٩٨٧٦٥ ٤٣٢١٠',
  'Persian digits': '۰۹۸۷۶۵۴۳۲۱۰',
  'Bengali digits': '৯৮৭৬৫৪৩২১০',
  'Tamil digits': '௯௮௭௬௫௪௩௨௧௦',
  'full width, plus included': '＋９１　９８７６５－４３２１０',
  'marks of direction, as contact lists copy them': '\u202a+91 98765 43210\u202c',
  'isolates of direction': '\u2068+91\u00a098765\u00a043210\u2069',
  'a byte order mark': '\ufeff+919876543210',
  'zero-width spaces and joiners': '+91\u200b98765\u200d43210',
  'spaces that do not break': '+91\u00a098765\u202f43210',
  'a tab': '+91\t98765 43210',
  'dashes of every kind': '+91‑98765–43210',
  'a minus sign': '+91−98765−43210',
  'dots, in the middle too': '+91·98765.43210',
  'a slash': '+91 98765/43210',
  'the apostrophe of a spreadsheet': "'+919876543210",
  'the typographic apostrophe': '’+919876543210',
  'the formula of a spreadsheet': '="+919876543210"',
  'the quotes of a file of values': '"+91 98765 43210"',
  'no plus, as a spreadsheet leaves it': '919876543210',
  'typographic quotes': '\u201C+91 98765 43210\u201D',
  'the formula that a spreadsheet makes of a plus': '=+919876543210',
  'a column of numbers': '919876543210.0',
  'invisible joiners of letters': '98765\u034F43210',
  'digits in frames': '9\uFE0F\u20E38\uFE0F\u20E37\uFE0F\u20E36\uFE0F\u20E35\uFE0F\u20E343210',
  'a link': 'tel:+91-98765-43210',
  'a link with its context': 'tel:98765-43210;phone-context=+91',
  'a link to a message': 'sms:%2B919876543210',
}

test.each(Object.entries(PASTED))('A12: a number is read as people have it: %s', (_name, text) => {
  expect(canonicalPhone(text, 'IN')).toBe(NUMBER)
})

test.each([
  'tel:+91-98765-43210;ext=5',
  'tel:+91-98765-43210;isub=12',
  '98765 43210,,123',
  '+91 98765 43210 ext. 5',
  '9.87654E+09',
  '98765\n43210',
  '="+919876543210"&"1"',
  'mailto:+919876543210',
  '+919876543210+',
  '98765 43210.5',
  '98765.0 43210',
  '98765 43210; 98765 43211',
  '98765 43210;',
  '98765 43210,',
  '+91 98765 43210\r\n',
  '=98765+43210',
  '(+91 98765 43210',
  '１２',
])('A12: what is more or less than one number is refused: %j', (text) => {
  expect(() => canonicalPhone(text, 'IN')).toThrow('invalid_phone')
})

test.each([
  [
    'Argentina',
    'AR',
    '+5491123456789',
    ['+54 9 11 2345-6789', '+54 11 2345-6789', '011 15-2345-6789', '011 2345-6789'],
  ],
  [
    'Mexico',
    'MX',
    '+525512345678',
    ['+52 1 55 1234 5678', '+52 55 1234 5678', '55 1234 5678', '044 55 1234 5678', '01 55 1234 5678'],
  ],
  ['Brazil', 'BR', '+5511987654321', ['+55 11 98765-4321', '+55 11 8765-4321', '(11) 98765-4321']],
  ['Ivory Coast', 'CI', '+2250707123456', ['+225 07 07 12 34 56', '+225 07 12 34 56', '07123456']],
  ['Ivory Coast', 'CI', '+2250545123456', ['+225 05 45 12 34 56', '+225 45 12 34 56', '45123456']],
  ['Benin', 'BJ', '+2290190011234', ['+229 01 90 01 12 34', '+229 90 01 12 34', '90 01 12 34']],
  ['Gabon', 'GA', '+24106031234', ['+241 06 03 12 34', '+241 6 03 12 34', '06 03 12 34']],
  ['San Marino', 'SM', '+3780549886377', ['+378 0549 886377', '+378 886377', '0549 886377']],
  ['Italy keeps its zero', 'IT', '+390612345678', ['+39 06 1234 5678', '06 1234 5678']],
  ['Britain', 'GB', '+447400123456', ['+44 (0)7400 123456', '+4407400123456', '07400 123456']],
])('A12: one subscriber is one account: %s', (_name, region, canonical, forms) => {
  for (const form of forms) expect(canonicalPhone(form, region), form).toBe(canonical)
  expect(canonicalPhone(canonical, 'IN')).toBe(canonical)
})

test('A12: an example number of every territory is canonical, from its national form as well', () => {
  const countries = getCountries()
  expect(countries.length).toBeGreaterThan(240)
  for (const country of countries) {
    const example = getExampleNumber(country, examples)
    if (example === undefined) continue
    for (const form of [example.number, example.formatInternational(), example.formatNational()]) {
      expect(canonicalPhone(form, country), `${country} ${form}`).toBe(example.number)
    }
  }
})
