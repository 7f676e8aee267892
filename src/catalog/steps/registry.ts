import type { Step, StepKind } from '../../model/itinerary.ts'
import { addonUpdate } from './addon-update.ts'
import { awsNodeFields } from './aws-node-fields.ts'
import { controlPlaneUpdate } from './control-plane-update.ts'
import { createGroup } from './create-group.ts'
import type { StepDefinition } from './definition.ts'
import { deleteGroup } from './delete-group.ts'
import { markNodes } from './mark-nodes.ts'
import { moveWorkloads } from './move-workloads.ts'
import { nodegroupSettings } from './nodegroup-settings.ts'
import { nodegroupSize } from './nodegroup-size.ts'
import { nodegroupUpdate } from './nodegroup-update.ts'
import { observeNodes } from './observe-nodes.ts'
import { recreatePods } from './recreate-pods.ts'
import { replaceNodes } from './replace-nodes.ts'
import { rotateNode } from './rotate-node.ts'
import { tidy } from './tidy.ts'

/** Every kind of step a run can take, by kind. */
export const STEPS: { readonly [K in StepKind]: StepDefinition<K> } = {
  'addon-update': addonUpdate,
  'aws-node-fields': awsNodeFields,
  'control-plane-update': controlPlaneUpdate,
  'create-group': createGroup,
  'delete-group': deleteGroup,
  'mark-nodes': markNodes,
  'move-workloads': moveWorkloads,
  'nodegroup-settings': nodegroupSettings,
  'nodegroup-size': nodegroupSize,
  'nodegroup-update': nodegroupUpdate,
  'observe-nodes': observeNodes,
  'recreate-pods': recreatePods,
  'replace-nodes': replaceNodes,
  'rotate-node': rotateNode,
  tidy,
}

/** The definition of a step's kind, with the step's own type forgotten: the one place where that is done. */
export function definitionOf(step: Step): StepDefinition {
  return STEPS[step.kind] as unknown as StepDefinition
}
