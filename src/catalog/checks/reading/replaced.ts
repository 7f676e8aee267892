import type { GroupIntent, Intent } from '../../../model/intent.ts'
import { changingGroups } from './nodes.ts'

/** Groups that give way to new ones. */
export function replacedGroups(intent: Intent): readonly GroupIntent[] {
  return changingGroups(intent).filter(({ replacement }) => replacement !== undefined)
}

/** Why a check about groups that give way has nothing to judge, or undefined when one does. */
export function noGroupIsReplaced({ intent }: { readonly intent: Intent }): string | undefined {
  return replacedGroups(intent).length === 0 ? 'No group gives way to a new one in this run.' : undefined
}
