import { globMatches } from '../model/glob.ts'
import type { GroupIntent } from '../model/intent.ts'
import type { GroupSettings, UpgradePlan } from '../model/plan.ts'
import type { Mistake } from './problem.ts'

/** Where a group stands: the canary, then the waves in the order of the plan. */
export interface Place {
  readonly name: string
  readonly wave: string
}

type Order = Pick<GroupIntent, 'after' | 'neverWith'>

/** What the plan says of when a group may be in flight, in names of groups that the run takes. */
export function orderOf(name: string, settings: GroupSettings | undefined, places: readonly Place[]): Order {
  const named = (globs: readonly string[] | undefined) =>
    places.flatMap((place) => (place.name !== name && globs?.some((glob) => globMatches(glob, place.name)) ? [place.name] : []))
  const [after, neverWith] = [named(settings?.after), named(settings?.neverWith)]
  return { ...(after.length > 0 && { after }), ...(neverWith.length > 0 && { neverWith }) }
}

/** Groups so that each comes after those that it has to come after; otherwise in the order in which they were. */
export function inOrder<Group extends Pick<GroupIntent, 'name' | 'after'>>(groups: readonly Group[]): readonly Group[] {
  const left = [...groups]
  const ordered: Group[] = []
  while (left.length > 0) {
    const open = new Set(left.map(({ name }) => name))
    const at = left.findIndex(({ after = [] }) => after.every((name) => !open.has(name)))
    // In a circle, which the plan loader refuses, the first goes.
    ordered.push(...left.splice(Math.max(0, at), 1))
  }
  return ordered
}

/** Groups that the plan wants after others that begin later by its waves, or that wait for each other. */
export function orderMistakes(plan: UpgradePlan, places: readonly Place[]): readonly Mistake[] {
  const waves = places.map(({ wave }) => wave)
  const position = ({ wave }: Place) => waves.indexOf(wave)
  return plan.nodeGroups.flatMap((settings, index) => {
    const own = places.filter(({ name }) => plan.nodeGroups.find(({ match }) => globMatches(match, name)) === settings)
    const path = ['nodeGroups', index, 'after']
    const late = own.flatMap((place) =>
      (orderOf(place.name, settings, places).after ?? []).flatMap((name) => {
        const other = places.find((each) => each.name === name)
        return other !== undefined && position(other) > position(place) ? [{ place, other }] : []
      }),
    )
    return late.slice(0, 1).map(({ place, other }) => ({
      path,
      message: `\`${place.name}\` is to come after \`${other.name}\`, but ${waveText(place)} comes before ${waveText(other)}`,
      remedy: `Move \`${other.name}\` to an earlier wave, or \`${place.name}\` to a later one.`,
    }))
  })
}

function waveText({ wave }: Place): string {
  return wave === 'canary' ? 'the canary' : `wave \`${wave}\``
}
