import { expect, it } from 'vitest'
import { quantity, scaled } from '../../../src/sandbox/world/kubernetes/quantity.ts'

it.each([
  { text: '100m', value: 0.1 },
  { text: '2', value: 2 },
  { text: '0.5', value: 0.5 },
  { text: '64Mi', value: 67_108_864 },
  { text: '1G', value: 1_000_000_000 },
  { text: 'much', value: 0 },
  { text: undefined, value: 0 },
])('$text is $value', ({ text, value }) => {
  expect(quantity(text)).toBe(value)
})

it.each([
  { value: 3, total: 10, rounding: 'up', result: 3 },
  { value: '10%', total: 25, rounding: 'up', result: 3 },
  { value: '10%', total: 25, rounding: 'down', result: 2 },
  { value: '100%', total: 7, rounding: 'down', result: 7 },
] as const)('$value of $total, rounded $rounding, is $result', ({ value, total, rounding, result }) => {
  expect(scaled(value, total, rounding)).toBe(result)
})
