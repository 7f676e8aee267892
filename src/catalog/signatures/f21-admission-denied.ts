import { byPerson, matched, type Signature, says } from './definition.ts'

/** A policy engine refuses the objects of the add-on. */
export const admissionDenied: Signature = {
  code: 'F21',
  title: 'An admission webhook refused the objects of the add-on vpc-cni; nothing was rolled',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_AddonIssue.html',
  needs: ['eks:ListAddons', 'eks:ListUpdates'],
  match: ({ addonIssues }) =>
    matched({
      evidence: addonIssues
        .filter(({ code }) => code === 'AdmissionRequestDenied')
        .map(({ message, from }) =>
          says(4, 'Addon/vpc-cni', `${from === 'update' ? 'the newest update failed' : 'its health says'}: ${message.slice(0, 400)}`),
        ),
    }),
  remedy: ({ evidence }) =>
    byPerson(
      `Leave kube-system, or the user eks:addon-manager, out of ${/admission webhook "([^"]+)"/.exec(evidence[0]?.says ?? '')?.[1] ?? 'the webhook that the message names'}, then update again.`,
    ),
}
