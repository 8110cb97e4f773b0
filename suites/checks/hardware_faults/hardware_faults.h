/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_HARDWARE_FAULTS_HARDWARE_FAULTS_H
#define CHECKS_HARDWARE_FAULTS_HARDWARE_FAULTS_H

#include "observe/traffic.h"

/* The checks of the suite "faults" in hardware_faults_aer.c, and what both files share. */

enum { HARDWARE_FAULTS_TRAFFIC_MS = 10000 }; /* from link up until frames pass again */

/* Puts VF 0 into a VLAN; frames between it and the wire must pass both ways. */
int hardware_faults_open(struct check_run *run, struct traffic *traffic);

/* Whether frames pass again within MS. */
bool hardware_faults_traffic_returns(struct traffic *traffic, int ms);

/* VF 0 must send and receive in its port VLAN, and not outside it. */
enum verdict hardware_faults_policy_holds(struct traffic *traffic);

enum verdict hardware_faults_pf_correctable(struct check_run *run);
enum verdict hardware_faults_pf_nonfatal(struct check_run *run);
enum verdict hardware_faults_port_correctable(struct check_run *run);
enum verdict hardware_faults_port_nonfatal(struct check_run *run);

#endif
