import { stringify } from 'yaml';

export interface WorkflowOptions {
  /** Kernels that each level runs on, as `--kernel` takes them. */
  readonly kernels: readonly string[];
}

/** How thoroughly tests run, by what happened. */
const LEVELS = { push: '--level 1', pull_request: '--level 2', schedule: '--level 3 --duration 1h' } as const;

/** A workflow for GitHub Actions for the folder of the project: levels by event, kernels side by side, artifacts, an issue when a night fails. */
export function githubWorkflow({ kernels }: WorkflowOptions): string {
  const expression = (text: string) => `\${{ ${text} }}`;
  const level = expression(
    `github.event_name == 'schedule' && '${LEVELS.schedule}' || github.event_name == 'pull_request' && '${LEVELS.pull_request}' || '${LEVELS.push}'`,
  );
  const workflow = {
    name: 'vexfs-trace',
    on: {
      push: { branches: ['main'] },
      pull_request: {},
      schedule: [{ cron: '17 2 * * *' }],
      workflow_dispatch: {},
    },
    permissions: { contents: 'read' },
    concurrency: {
      group: `${expression('github.workflow')}-${expression('github.ref')}`,
      'cancel-in-progress': expression("github.event_name == 'pull_request'"),
    },
    jobs: {
      stress: {
        'runs-on': 'ubuntu-24.04',
        'timeout-minutes': 120,
        strategy: { 'fail-fast': false, matrix: { kernel: [...kernels] } },
        steps: [
          { uses: 'actions/checkout@v4' },
          { uses: 'actions/setup-node@v4', with: { 'node-version': 20, cache: 'npm' } },
          { name: 'use KVM', run: "sudo chmod 666 /dev/kvm || echo 'no KVM: guests are emulated'" },
          {
            name: 'what guests need',
            run: 'case "$KERNEL" in stock) .ci/setup.sh ;; *) .ci/setup.sh kernel "$KERNEL" ;; esac',
            env: { KERNEL: expression('matrix.kernel') },
          },
          {
            name: 'stress',
            // Words of the level are options of their own.
            run: `# shellcheck disable=SC2086\nbin/vexfs-trace stress $LEVEL --kernel "$KERNEL" --folder run -o junit=run/junit.xml -o markdown=run/summary.md`,
            env: {
              ...{ KERNEL: expression('matrix.kernel'), LEVEL: level },
            },
          },
          {
            name: 'report',
            if: 'always()',
            run: 'bin/vexfs-trace report run --format github\nbin/vexfs-trace report run -o run/report.html',
          },
          {
            uses: 'actions/upload-artifact@v4',
            if: 'always()',
            with: {
              name: `run-${expression('matrix.kernel')}`,
              path: 'run/*.html\nrun/*.xml\nrun/*.md\nrun/*.json\nrun/*.ndjson\nrun/*/events.ndjson\n',
              'if-no-files-found': 'warn',
            },
          },
        ],
      },
      tell: {
        needs: 'stress',
        if: "failure() && github.event_name == 'schedule'",
        'runs-on': 'ubuntu-24.04',
        permissions: { issues: 'write' },
        steps: [
          {
            name: 'open an issue, or add to the one that is open',
            // Nothing that a test has written gets here: only where to look.
            run: [
              'number="$(gh issue list --repo "$REPO" --label vexfs-trace --state open --json number --jq \'.[0].number // empty\')"',
              'text="The run of this night has failed: $URL"',
              'if [ -n "$number" ]; then',
              '  gh issue comment "$number" --repo "$REPO" --body "$text"',
              'else',
              '  gh label create vexfs-trace --repo "$REPO" --force',
              '  gh issue create --repo "$REPO" --label vexfs-trace --title "vexfs-trace: tests of the night fail" --body "$text"',
              'fi',
              '',
            ].join('\n'),
            env: {
              GH_TOKEN: expression('github.token'),
              REPO: expression('github.repository'),
              URL: `${expression('github.server_url')}/${expression('github.repository')}/actions/runs/${expression('github.run_id')}`,
            },
          },
        ],
      },
    },
  };
  return `# Made by: vexfs-trace generate github-workflow\n${stringify(workflow, { lineWidth: 0 })}`;
}
