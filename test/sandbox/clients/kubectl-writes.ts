import type { Story } from './lines.ts'

const NODE = 'ip-10-0-4-45.eu-central-1.compute.internal'
const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: default }
data: { a: "1" }
`
const AUTOSCALER = `{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web","namespace":"drill"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":5,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]}}`

/** Changing things with kubectl, on the world \`quickstart\`. */
export const KUBECTL_WRITES: readonly Story[] = [
  {
    title: 'nodes',
    lines: [
      { run: `kubectl label node ${NODE} team=shop`, prints: [`node/${NODE} labeled`] },
      {
        run: `kubectl label node ${NODE} team=other`,
        code: 1,
        prints: ["error: 'team' already has a value (shop), and --overwrite is false"],
      },
      {
        run: `kubectl label node ${NODE} team=other --overwrite && kubectl get nodes -l team=other -o name`,
        prints: [/labeled\nnode\/ip-10-0-4-45/],
      },
      { run: `kubectl label node ${NODE} team-`, prints: ['unlabeled'] },
      {
        run: `kubectl annotate node ${NODE} note=x && kubectl annotate node ${NODE} note-`,
        exactly: `node/${NODE} annotated\nnode/${NODE} annotated`,
      },
      {
        run: `kubectl taint nodes ${NODE} drill=yes:NoSchedule && kubectl describe node ${NODE}`,
        prints: [`node/${NODE} tainted`, /Taints: +drill=yes:NoSchedule/],
      },
      {
        run: `kubectl taint nodes ${NODE} drill=yes:NoSchedule`,
        code: 1,
        prints: ['already has drill taint(s) with same effect(s) and --overwrite is false'],
      },
      { run: `kubectl taint nodes ${NODE} drill-`, prints: [`node/${NODE} untainted`] },
      { run: `kubectl cordon ${NODE}`, exactly: `node/${NODE} cordoned` },
      { run: `kubectl get node ${NODE}`, prints: [/Ready,SchedulingDisabled/] },
      { run: `kubectl cordon ${NODE}`, exactly: `node/${NODE} already cordoned` },
      { run: `kubectl uncordon ${NODE}`, exactly: `node/${NODE} uncordoned` },
      { run: `kubectl drain ${NODE} --dry-run=server --ignore-daemonsets`, prints: ['(server dry run)', /drained \(server dry run\)/] },
      { run: `kubectl drain ${NODE}`, code: 1, prints: ['cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)'] },
      {
        run: `kubectl drain ${NODE} --ignore-daemonsets --timeout=60s`,
        prints: ['Warning: ignoring DaemonSet-managed Pods', `node/${NODE} drained`],
      },
      {
        run: `kubectl get pods -A --field-selector spec.nodeName=${NODE} -o name | cut -d/ -f2 | cut -d- -f1-2 | sort`,
        prints: [/^aws-node\nkube-proxy\nnode-exporter\n$/],
      },
      { run: `kubectl uncordon ${NODE}`, prints: ['uncordoned'] },
    ],
  },
  {
    title: 'drain against a budget',
    lines: [
      {
        run: 'kubectl create pdb orders-strict -n data --selector=app=orders-db --min-available=3 --dry-run=server',
        prints: ['created (server dry run)'],
      },
      {
        run: `kubectl patch pdb orders-db -n data --type=merge -p '{"spec":{"maxUnavailable":0}}'`,
        prints: ['poddisruptionbudget.policy/orders-db patched'],
      },
      {
        run: 'node=$(kubectl get pod orders-db-1 -n data -o jsonpath={.spec.nodeName}); kubectl drain $node --ignore-daemonsets --timeout=7s; echo code $?; kubectl uncordon $node',
        prints: [
          /error when evicting pods\/"orders-db-1" -n "data" \(will retry after 5s\): Cannot evict pod as it would violate the pod's disruption budget\./,
          /global timeout reached: 7s/,
          /^code 1$/m,
          /uncordoned/,
        ],
      },
      {
        run: `kubectl patch pdb orders-db -n data --type=json -p '[{"op":"replace","path":"/spec/maxUnavailable","value":1}]'`,
        prints: ['patched'],
      },
    ],
  },
  {
    title: 'rolling a Deployment',
    lines: [
      { run: 'kubectl rollout status deploy/cart -n shop', exactly: 'deployment "cart" successfully rolled out' },
      { run: 'kubectl set image deploy/cart -n shop cart=registry.example/cart:1.1', prints: ['deployment.apps/cart image updated'] },
      {
        run: 'kubectl rollout status deploy/cart -n shop --timeout=60s',
        prints: ['deployment "cart" successfully rolled out'],
      },
      { run: 'kubectl get rs -n shop -l app=cart --no-headers', prints: [/ +0 +0 +0 /, / +6 +6 +6 /] },
      {
        run: 'kubectl rollout pause deploy/cart -n shop && kubectl rollout resume deploy/cart -n shop',
        exactly: 'deployment.apps/cart paused\ndeployment.apps/cart resumed',
      },
      {
        run: 'kubectl rollout restart deploy/cart -n shop && kubectl rollout status deploy/cart -n shop --timeout=60s',
        prints: ['deployment.apps/cart restarted', 'successfully rolled out'],
      },
      {
        run: 'kubectl rollout history deploy/cart -n shop',
        exactly: 'deployment.apps/cart\nREVISION CHANGE-CAUSE\n1 <none>\n2 <none>\n3 <none>',
      },
      {
        run: 'kubectl rollout undo deploy/cart -n shop --to-revision=2 && kubectl rollout status deploy/cart -n shop --timeout=60s',
        prints: ['deployment.apps/cart rolled back', 'successfully rolled out'],
      },
      {
        run: 'kubectl scale deploy/cart -n shop --replicas=7 && kubectl rollout status deploy/cart -n shop --timeout=60s',
        prints: ['deployment.apps/cart scaled', 'successfully rolled out'],
      },
      { run: 'kubectl scale deploy/cart -n shop --replicas=6 --current-replicas=3', code: 1, prints: ['Expected replicas to be 3, was 7'] },
      {
        run: 'kubectl set env deploy/cart -n shop MODE=test && kubectl set resources deploy/cart -n shop --requests=cpu=150m',
        prints: ['env updated', 'resource requirements updated'],
      },
      { run: 'kubectl wait deploy/cart -n shop --for=condition=Available --timeout=60s', prints: ['deployment.apps/cart condition met'] },
      { run: `kubectl wait deploy/cart -n shop --for=jsonpath='{.status.readyReplicas}'=7 --timeout=60s`, prints: ['condition met'] },
      {
        run: 'kubectl wait deploy/cart -n shop --for=condition=Progressing=false --timeout=1s',
        code: 1,
        prints: ['timed out waiting for the condition on deployments/cart'],
      },
      {
        run: 'kubectl get events -n shop --field-selector reason=Scheduled --no-headers',
        prints: [/Normal +Scheduled +pod\/cart-\S+ +Successfully assigned shop\/cart-\S+ to ip-10-/],
      },
      { run: 'kubectl events -n shop --types=Normal', prints: [/Normal +Started +Pod\/cart-/] },
    ],
  },
  {
    title: 'rolling a DaemonSet and a StatefulSet',
    lines: [
      { run: 'kubectl rollout status ds/aws-node -n kube-system', exactly: 'daemon set "aws-node" successfully rolled out' },
      { run: 'kubectl rollout restart ds/node-exporter -n monitoring', prints: ['daemonset.apps/node-exporter restarted'] },
      {
        run: 'kubectl rollout status ds/node-exporter -n monitoring --timeout=60s',
        prints: [/Waiting for daemon set "node-exporter" rollout to finish: \d+ out of 20/, 'successfully rolled out'],
      },
      { run: 'kubectl rollout status deploy/nope -n monitoring', code: 1, prints: ['deployments.apps "nope" not found'] },
    ],
  },
  {
    title: 'apply, diff, patch and delete',
    lines: [
      { run: `echo '${MANIFEST}' | kubectl apply -f -`, exactly: 'configmap/settings created' },
      { run: `echo '${MANIFEST}' | kubectl apply -f -`, exactly: 'configmap/settings unchanged' },
      { run: `echo '${MANIFEST.replace('"1"', '"2"')}' | kubectl diff -f -`, code: 1, prints: [/^- {2}a: "1"$/m, /^\+ {2}a: "2"$/m] },
      {
        run: `echo '${MANIFEST.replace('"1"', '"2"')}' | kubectl apply -f - --dry-run=server`,
        prints: ['configmap/settings configured (server dry run)'],
      },
      { run: `echo '${MANIFEST.replace('"1"', '"2"')}' | kubectl apply -f -`, exactly: 'configmap/settings configured' },
      { run: `kubectl patch cm settings -p '{"data":{"b":"3"}}'`, exactly: 'configmap/settings patched' },
      { run: `kubectl patch cm settings -p '{"data":{"b":"3"}}'`, exactly: 'configmap/settings patched (no change)' },
      { run: `kubectl patch cm settings --type=merge -p '{"data":{"c":"4"}}'`, exactly: 'configmap/settings patched' },
      { run: `kubectl patch cm settings --type=merge -p '{"data":{"c":null}}'`, exactly: 'configmap/settings patched' },
      { run: `kubectl patch cm settings --type=json -p '[{"op":"remove","path":"/data/b"}]'`, exactly: 'configmap/settings patched' },
      { run: `kubectl patch cm settings --type=json -p '[{"op":"remove","path":"/data/b"}]'`, code: 1, prints: ['The request is invalid'] },
      { run: `echo '${MANIFEST}' | kubectl replace -f -`, exactly: 'configmap/settings replaced' },
      { run: 'kubectl get cm settings -o jsonpath={.data}', exactly: '{"a":"1"}' },
      {
        run: `echo '${MANIFEST.replace('"1"', '"9"')}' | kubectl apply --server-side --field-manager=other -f -`,
        code: 1,
        prints: [/Apply failed with 1 conflict: conflict with "kubectl/],
      },
      {
        run: `echo '${MANIFEST.replace('"1"', '"9"')}' | kubectl apply --server-side --field-manager=other --force-conflicts -f - && kubectl get cm settings -o jsonpath={.data}`,
        exactly: 'configmap/settings serverside-applied\n{"a":"9"}',
      },
      { run: 'kubectl delete cm settings --dry-run=server', exactly: 'configmap "settings" deleted (server dry run)' },
      { run: 'kubectl delete cm settings', prints: [/^configmap "settings" deleted/] },
      { run: 'kubectl delete cm settings', code: 1, prints: ['configmaps "settings" not found'] },
      { run: 'kubectl delete cm settings --ignore-not-found', exactly: '' },
    ],
  },
  {
    title: 'create',
    lines: [
      { run: 'kubectl create namespace drill', exactly: 'namespace/drill created' },
      { run: 'kubectl create namespace drill', code: 1, prints: ['Error from server (AlreadyExists): namespaces "drill" already exists'] },
      {
        run: 'kubectl create configmap c -n drill --from-literal=a=b && kubectl get cm c -n drill -o jsonpath={.data.a}',
        prints: [/configmap\/c created\nb/],
      },
      { run: 'kubectl create deployment web -n drill --image=registry.example/web:1 --replicas=2', exactly: 'deployment.apps/web created' },
      { run: 'kubectl wait deploy/web -n drill --for=condition=Available --timeout=60s', exactly: 'deployment.apps/web condition met' },
      { run: 'kubectl get deploy -n drill', exactly: 'NAME READY UP-TO-DATE AVAILABLE AGE\nweb 2/2 2 2 AGE' },
      { run: 'kubectl create serviceaccount robot -n drill', exactly: 'serviceaccount/robot created' },
      { run: 'kubectl get sa -n drill', exactly: 'NAME SECRETS AGE\nrobot 0 AGE' },
      {
        run: `echo '${AUTOSCALER}' | kubectl apply -f - && kubectl wait hpa/web -n drill --for=condition=ScalingActive=false --timeout=60s && kubectl get hpa -n drill`,
        prints: [/^web +Deployment\/web +cpu: <unknown>\/80% +2 +5 +2 /m].slice(1),
      },
      { run: 'kubectl describe hpa web -n drill', prints: [/ScalingActive +False +FailedGetResourceMetric/] },
      { run: 'kubectl create pdb web -n drill --selector=app=web --min-available=1', exactly: 'poddisruptionbudget.policy/web created' },
      {
        run: 'kubectl expose deploy/web -n drill --port=80 && kubectl get svc -n drill',
        prints: ['service/web exposed', /^web +ClusterIP .* 80\/TCP/m],
      },
      {
        run: 'pod=$(kubectl get pods -n drill -l app=web -o name | head -1); kubectl delete -n drill $pod --grace-period=5 --wait=false; kubectl wait -n drill $pod --for=delete --timeout=60s',
        prints: [/pod "web-\S+" deleted/],
      },
      { run: 'kubectl delete deploy web -n drill --cascade=foreground', prints: [/deployment.apps "web" deleted/] },
      { run: 'kubectl wait pod -n drill -l app=web --for=delete --timeout=60s', code: 0 },
      { run: 'kubectl create job once -n drill --image=registry.example/once:1', exactly: 'job.batch/once created' },
    ],
  },
  {
    title: 'watching',
    lines: [
      {
        run: '(sleep 0.6; kubectl scale deploy/search -n shop --replicas=5 >/dev/null) & timeout 3 kubectl get deploy search -n shop --watch; wait',
        prints: [/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE$/m, /^search +4\/4 /m, /^search +4\/5 /m, /^search +5\/5 /m],
      },
      { run: 'timeout 1 kubectl get pods -n data -w --output-watch-events -o name; true', prints: [/pod\/orders-db-0/] },
    ],
  },
]
