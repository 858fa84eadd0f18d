{{/* The first part of the names of all objects. */}}
{{- define "tallyman.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods of a part; it never changes. Takes (root, part). */}}
{{- define "tallyman.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{/* The labels of an object of a part. Takes (root, part). */}}
{{- define "tallyman.labels" -}}
{{ include "tallyman.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "tallyman.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "tallyman.serviceAccount" -}}
{{- default (include "tallyman.name" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "tallyman.configMap" -}}
{{- default (printf "%s-configuration" (include "tallyman.name" .)) .Values.configuration.existingConfigMap -}}
{{- end -}}

{{- define "tallyman.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* What every pod has in common. Pod Security "restricted" asks for it. */}}
{{- define "tallyman.pod" -}}
serviceAccountName: {{ include "tallyman.serviceAccount" . }}
automountServiceAccountToken: false
# A Service called tallyman would otherwise set TALLYMAN_PORT to something else than a port.
enableServiceLinks: false
{{- include "tallyman.pullSecrets" . }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{/* What every container has in common. */}}
{{- define "tallyman.confined" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop:
      - ALL
{{- end -}}

{{/* Where the pods of a part go. Takes (root, part, values). */}}
{{- define "tallyman.placement" -}}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "tallyman.selector" $ | nindent 8 }}
    matchLabelKeys:
      - pod-template-hash
  {{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* A variable out of a Secret. Takes (name, secret, key). */}}
{{- define "tallyman.fromSecret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{- end -}}

{{/* The variables of every part: where Redis is, the configuration and what it refers to. */}}
{{- define "tallyman.environment" -}}
- name: TALLYMAN_CONFIG
  value: /etc/tallyman/tallyman.toml
- name: TALLYMAN_HOST
  value: 0.0.0.0
- name: TALLYMAN_LOG
  value: {{ .Values.log }}
{{- if .Values.valkey.enabled }}
{{- if .Values.valkey.passwordSecret.name }}
{{ include "tallyman.fromSecret" (dict "name" "VALKEY_PASSWORD" "secret" .Values.valkey.passwordSecret.name "key" .Values.valkey.passwordSecret.key) }}
{{- end }}
- name: REDIS_URL
  value: redis://{{ if .Values.valkey.passwordSecret.name }}:$(VALKEY_PASSWORD)@{{ end }}{{ include "tallyman.name" . }}-valkey:6379/0
{{- else }}
{{ include "tallyman.fromSecret" (dict "name" "REDIS_URL" "secret" (required "redis.secret.name names no Secret, and valkey.enabled is false: without either there is no Redis." .Values.redis.secret.name) "key" .Values.redis.secret.key) }}
{{- end }}
{{- range $name, $from := .Values.environment.secretKeys }}
{{- if regexMatch "^(REDIS_URL|VALKEY_PASSWORD|COFACTR_(BASE_URL|API_KEY)|TALLYMAN_.*)$" $name }}
{{- fail (printf "environment.secretKeys has %s, which the chart sets itself out of other values." $name) }}
{{- end }}
{{ include "tallyman.fromSecret" (dict "name" $name "secret" $from.secret "key" $from.key) }}
{{- end }}
{{- end -}}

{{- define "tallyman.environmentFrom" -}}
{{- with .Values.environment.secrets }}
envFrom:
  {{- range . }}
  - secretRef:
      name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* What the workers need besides. */}}
{{- define "tallyman.cofactr" -}}
{{- if .Values.sandbox.enabled }}
- name: COFACTR_BASE_URL
  value: http://{{ include "tallyman.name" . }}-sandbox:8090
- name: COFACTR_API_KEY
  value: sandbox-key
{{- else }}
{{- with .Values.cofactr.baseUrl }}
- name: COFACTR_BASE_URL
  value: {{ . | quote }}
{{- end }}
{{ include "tallyman.fromSecret" (dict "name" "COFACTR_API_KEY" "secret" (required "cofactr.secret.name names no Secret, and sandbox.enabled is false: without either there is no key." .Values.cofactr.secret.name) "key" .Values.cofactr.secret.key) }}
{{- end }}
{{- end -}}

{{- define "tallyman.admin" -}}
{{- with .Values.admin.secret }}
{{- if .name }}
{{ include "tallyman.fromSecret" (dict "name" "TALLYMAN_ADMIN_TOKEN" "secret" .name "key" .key) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "tallyman.mounts" -}}
volumeMounts:
  - name: configuration
    mountPath: /etc/tallyman
    readOnly: true
  - name: tmp
    mountPath: /tmp
{{- end -}}

{{- define "tallyman.volumes" -}}
volumes:
  - name: configuration
    configMap:
      name: {{ include "tallyman.configMap" . }}
  - name: tmp
    emptyDir:
      sizeLimit: 64Mi
{{- end -}}

{{/* Rolls the pods when what they read at their start changes. */}}
{{- define "tallyman.checksum" -}}
checksum/configuration: {{ toJson .Values.configuration | sha256sum }}
{{- end -}}

{{/* How long the service may take to end. */}}
{{- define "tallyman.serviceGrace" -}}
{{- $grace := int .Values.service.terminationGracePeriodSeconds -}}
{{- $least := add (int .Values.service.preStopSeconds) 25 -}}
{{- if lt $grace (int $least) -}}
{{- fail (printf "service.terminationGracePeriodSeconds is %d; with a preStopSeconds of %d and 20 seconds to drain it must be at least %d." $grace (int .Values.service.preStopSeconds) (int $least)) -}}
{{- end -}}
{{- $grace -}}
{{- end -}}

{{/* The longest call to Cofactr; tallyman.toml says it, and 300 is the most that it may say. */}}
{{- define "tallyman.callSeconds" -}}
{{- if .Values.configuration.existingConfigMap -}}
300
{{- else -}}
{{- $line := regexFind `(?m)^[^#\n]*\btimeout_seconds['"]?[ \t]*=[ \t]*[0-9._e+]+` .Values.configuration.toml -}}
{{- if $line -}}
{{- regexFind `[0-9._e+]+$` $line | replace "_" "" | float64 | ceil | int -}}
{{- else -}}
10
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
How long a worker may take to end: a call that is under way, one that follows it in the same
notification, and some time for writing down what became of them.
*/}}
{{- define "tallyman.workersGrace" -}}
{{- $call := include "tallyman.callSeconds" . | int -}}
{{- $given := int .Values.workers.terminationGracePeriodSeconds -}}
{{- if $given -}}
{{- if lt $given (int (add $call 10)) -}}
{{- fail (printf "workers.terminationGracePeriodSeconds is %d; a call to Cofactr may take %d seconds, so it must be at least %d, or 0 to be reckoned." $given $call (int (add $call 10))) -}}
{{- end -}}
{{- $given -}}
{{- else -}}
{{- add (mul 2 $call) 30 -}}
{{- end -}}
{{- end -}}
