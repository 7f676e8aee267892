import { expect, it } from 'vitest'
import { samePerson } from '../../src/model/person.ts'

it.each([
  { title: 'another process on the same machine', a: 'lena@laptop/1', b: 'lena@laptop/2', same: true },
  { title: 'another machine', a: 'lena@laptop/1', b: 'lena@build-7/12', same: true },
  { title: 'a name given by SERIN_USER', a: 'lena@laptop/1', b: 'Lena', same: true },
  { title: 'another person on the same machine', a: 'lena@laptop/1', b: 'omar@laptop/2', same: false },
  { title: 'another person', a: 'lena', b: 'omar', same: false },
])('$title is the same person: $same', ({ a, b, same }) => {
  expect(samePerson(a, b)).toBe(same)
})
