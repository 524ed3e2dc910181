package decide

default allow := false

allow if {
	some node in data.paths[input.node]
	some role in data.grants[input.user][node]
	data.roles[role][input.permission]
}
