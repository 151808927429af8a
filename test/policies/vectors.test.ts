import { describe, expect, test } from 'vitest'
import { decide } from '../../policies/engine/decide.ts'
import { explain } from '../../policies/engine/explain.ts'
import { prepare, readVectors, type PolicyVector } from './vectors.ts'

const VERDICTS = {
  Allowed: 'ALLOW',
  ExplicitlyDenied: 'DENY_EXPLICIT',
  ImplicitlyDenied: 'DENY_IMPLICIT',
} as const

const differences = (judge: (vector: PolicyVector) => string): string[] =>
  readVectors()
    .filter((vector) => judge(vector) !== VERDICTS[vector.expect])
    .map(({ id }) => id)

describe('the shared vectors, on which two independent evaluators agree', () => {
  test('there are 900, of every verdict', () => {
    const vectors = readVectors()
    expect(vectors).toHaveLength(900)
    expect(new Set(vectors.map(({ expect: verdict }) => verdict)).size).toBe(3)
  })

  test('decide differs on none', () => {
    expect(
      differences((vector) => {
        const { layers, request } = prepare(vector)
        return decide(layers, request).verdict
      }),
    ).toEqual([])
  })

  test('explain differs on none', () => {
    expect(
      differences((vector) => {
        const { layers, request } = prepare(vector)
        return explain(layers, request).decision
      }),
    ).toEqual([])
  })
})
