import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { buildOpenApi } from '../../daemon/contract/openapi.ts'

type Content = Readonly<Record<string, { schema: object; example?: unknown }>>
interface Operation {
  readonly operationId: string
  readonly requestBody?: { content: Content }
  readonly responses: Readonly<Record<string, { content?: Content }>>
}

const document = buildOpenApi({ version: '1.2.3', serverUrl: 'https://auth.example.com' })
const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema({ $id: 'api', components: document.components })

const shown = Object.values(document.paths)
  .flatMap((methods) => Object.values(methods) as unknown as Operation[])
  .flatMap(({ operationId, requestBody, responses }) => [
    ...Object.values(requestBody?.content ?? {}).map((body) => ({
      what: `${operationId}: request`,
      ...body,
    })),
    ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.values(content).map((body) => ({ what: `${operationId}: ${status}`, ...body })),
    ),
  ])

describe('the examples of the OpenAPI document', () => {
  test('stand beside every body', () => {
    expect(shown.length).toBeGreaterThan(200)
    expect(shown.filter(({ example }) => example === undefined).map(({ what }) => what)).toEqual([])
  })

  test('name things as people do: a client_id is never "string"', () => {
    const said = (value: unknown): unknown[] =>
      typeof value !== 'object' || value === null
        ? []
        : Object.entries(value).flatMap(([key, item]) => (key === 'client_id' ? [item] : said(item)))
    const named = shown.flatMap(({ example }) => said(example))
    expect(named.length).toBeGreaterThan(5)
    expect(named).not.toContain('string')
    expect(named).not.toContain('')
  })

  test('fit their schemas', { timeout: 180_000 }, () => {
    const misfits = shown.flatMap(({ what, schema, example }) => {
      const text = JSON.stringify(schema).replaceAll('"#/', '"api#/')
      const validate = ajv.compile(JSON.parse(text) as object)
      return validate(example)
        ? []
        : [`${what}: ${ajv.errorsText(validate.errors)} ${JSON.stringify(example)}`]
    })
    expect(misfits).toEqual([])
  })

  test('say something: no request is empty, and no text is only that', () => {
    const requests = shown.filter(({ what }) => what.endsWith('request'))
    const empty = requests.filter(({ example }) => JSON.stringify(example) === '{}').map(({ what }) => what)
    expect(empty).toEqual([])
  })

  test('every tag has a sentence, and the description tells of policies and access', () => {
    for (const { name, description } of document.tags)
      expect(description, JSON.stringify(name)).toMatch(/^[A-Z].*\.$/)
    expect(document.info['description']).toMatch(/Policies/)
    expect(document.info['description']).toMatch(/\/access/)
    expect(document.info['description']).toMatch(/HEAD/)
  })
})
