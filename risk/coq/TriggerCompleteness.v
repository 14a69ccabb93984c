(** While no coordinate is below its trigger, slack is at least zero, for any number of positions.

    Model of [slack], [risk_total], [trigger], [arm] and [still_sound] of [risk/src/triggers.rs]. Integers
    are unbounded; [None] is an error of the Rust function. [Z.div] by a positive divisor is
    [mul_div_floor]. *)

From Coq Require Import ZArith Lia List.
Import ListNotations.
Open Scope bool_scope.
Open Scope Z_scope.

(** Rust: [struct Leg]. *)
Record leg := Leg {
  size : Z;
  coordinate : Z;
  risk_per_lot : Z
}.

(** Rust: [slack], a fold from the left. *)
Definition slack (base : Z) (legs : list leg) : Z :=
  fold_left (fun sum l => sum + coordinate l * size l) legs base.

(** Rust: the fold of [risk_total], which refuses a size or risk that isn't positive. *)
Fixpoint risk_from (acc : Z) (legs : list leg) : option Z :=
  match legs with
  | [] => Some acc
  | l :: rest =>
      if negb (0 <? size l) || negb (0 <? risk_per_lot l) then None
      else risk_from (acc + risk_per_lot l * size l) rest
  end.

(** Rust: [risk_total]. *)
Definition risk_total (legs : list leg) : option Z :=
  match legs with
  | [] => None
  | _ => risk_from 0 legs
  end.

(** Rust: [trigger]. *)
Definition trigger (l : leg) (slack total : Z) : option Z :=
  if slack <? 0 then None
  else
    let drop := slack * risk_per_lot l / total in
    Some (coordinate l - drop).

(** Rust: the loop of [arm]. *)
Fixpoint arm_each (legs : list leg) (slack total : Z) : option (list Z) :=
  match legs with
  | [] => Some []
  | l :: rest =>
      match trigger l slack total with
      | None => None
      | Some t =>
          match arm_each rest slack total with
          | None => None
          | Some ts => Some (t :: ts)
          end
      end
  end.

(** Rust: [arm], with the list written to [out] as its result. *)
Definition arm (legs : list leg) (slack : Z) : option (list Z) :=
  match risk_total legs with
  | None => None
  | Some total => arm_each legs slack total
  end.

(** Rust: the loop of [still_sound]; [positive_part] is a maximum with zero. *)
Fixpoint allocated_from (acc : Z) (legs : list leg) (triggers : list Z) : Z :=
  match legs, triggers with
  | l :: legs, t :: triggers =>
      allocated_from (acc + Z.max (coordinate l - t) 0 * size l) legs triggers
  | _, _ => acc
  end.

(** Rust: [still_sound]. *)
Definition still_sound (legs : list leg) (triggers : list Z) (slack : Z) : option bool :=
  if Nat.eqb (length legs) (length triggers)
  then Some (allocated_from 0 legs triggers <=? slack)
  else None.

(** The same positions when the coordinates are others. *)
Definition moved (legs : list leg) (coordinates : list Z) : list leg :=
  map (fun lc => Leg (size (fst lc)) (snd lc) (risk_per_lot (fst lc))) (combine legs coordinates).

(** What the positions may lose until their coordinates are at their triggers. *)
Fixpoint allocated (legs : list leg) (triggers : list Z) : Z :=
  match legs, triggers with
  | l :: legs, t :: triggers => size l * (coordinate l - t) + allocated legs triggers
  | _, _ => 0
  end.

(** * Auxiliary *)

Definition positive_leg (l : leg) : Prop := 0 < size l /\ 0 < risk_per_lot l.
Fixpoint risk (legs : list leg) : Z :=
  match legs with
  | [] => 0
  | l :: rest => risk_per_lot l * size l + risk rest
  end.

Lemma risk_from_is_risk : forall legs acc total,
  risk_from acc legs = Some total -> total = acc + risk legs /\ Forall positive_leg legs.
Proof.
  induction legs as [| l rest IH]; simpl; intros acc total E.
  - inversion E; split; [ lia | constructor ].
  - destruct (Z.ltb_spec 0 (size l)); simpl in E; try discriminate.
    destruct (Z.ltb_spec 0 (risk_per_lot l)); simpl in E; try discriminate.
    destruct (IH _ _ E). split; [ lia | constructor; auto; split; auto ].
Qed.

Lemma risk_from_valid : forall legs acc,
  Forall positive_leg legs -> risk_from acc legs = Some (acc + risk legs).
Proof.
  induction legs as [| l rest IH]; simpl; intros acc F; [ f_equal; lia | ].
  inversion F as [| ? ? (A & B) R]; subst.
  destruct (Z.ltb_spec 0 (size l)); [ simpl | lia ].
  destruct (Z.ltb_spec 0 (risk_per_lot l)); [ simpl | lia ].
  rewrite IH by auto. f_equal; lia.
Qed.

Lemma risk_is_positive : forall legs,
  Forall positive_leg legs -> 0 <= risk legs /\ (legs <> [] -> 0 < risk legs).
Proof.
  induction 1 as [| l rest (A & B) F IH]; simpl; [ split; [ lia | congruence ] | ].
  assert (0 < risk_per_lot l * size l) by nia. split; intros; lia.
Qed.

Lemma slack_from : forall legs base, slack base legs = base + slack 0 legs.
Proof.
  unfold slack; induction legs as [| l rest IH]; intros base; simpl; [ lia | ].
  rewrite IH, (IH (coordinate l * size l)). lia.
Qed.

(** The induction: allocated * total risk <= slack * risk of these positions. *)
Lemma armed_within_risk : forall legs slack total triggers,
  0 < total -> Forall positive_leg legs -> arm_each legs slack total = Some triggers ->
  allocated legs triggers * total <= slack * risk legs /\
  Forall2 (fun l t => t <= coordinate l) legs triggers.
Proof.
  induction legs as [| l rest IH]; simpl; intros s total triggers Ht F E.
  - inversion E; split; [ lia | constructor ].
  - unfold trigger in E. destruct (Z.ltb_spec s 0); try discriminate.
    destruct (arm_each rest s total) as [ts |] eqn:A; try discriminate.
    inversion E; subst; clear E. inversion F as [| ? ? (P & Q) R]; subst.
    destruct (IH _ _ _ Ht R A) as (B & D).
    pose proof (Z.mul_div_le (s * risk_per_lot l) total Ht).
    assert (0 <= s * risk_per_lot l / total) by (apply Z.div_pos; nia).
    set (drop := s * risk_per_lot l / total) in *.
    split; [ | constructor; auto; lia ].
    replace (coordinate l - (coordinate l - drop)) with drop by lia.
    assert (size l * (total * drop) <= size l * (s * risk_per_lot l)) by nia.
    lia.
Qed.

(** Positions at or above their triggers have lost no more than was allocated. *)
Lemma loss_within_allocation : forall legs triggers later base,
  Forall (fun l => 0 <= size l) legs ->
  length triggers = length legs ->
  Forall2 Z.le triggers later ->
  slack base legs - allocated legs triggers <= slack base (moved legs later).
Proof.
  intros legs triggers later base F N L.
  rewrite slack_from, (slack_from (moved legs later)).
  revert triggers later N L.
  induction F as [| l rest P F IH]; intros triggers later N L.
  - simpl. destruct triggers; simpl in *; try discriminate. lia.
  - destruct triggers as [| t triggers]; simpl in N; try discriminate.
    inversion L as [| ? c ? later' Hc L']; subst.
    specialize (IH triggers later' ltac:(lia) L').
    unfold moved in *. simpl in *. unfold slack in *. simpl in *.
    fold (slack (coordinate l * size l) rest).
    match goal with |- context [ fold_left ?f ?xs (c * size l) ] =>
      change (fold_left f xs (c * size l)) with (slack (c * size l) xs) end.
    rewrite (slack_from rest), (slack_from _ (c * size l)).
    unfold slack. simpl.
    assert (size l * t <= size l * c) by nia. lia.
Qed.

Lemma armed_length : forall legs s total triggers,
  arm_each legs s total = Some triggers -> length triggers = length legs.
Proof.
  induction legs as [| l rest IH]; simpl; intros s total triggers E.
  - now inversion E.
  - destruct (trigger l s total); try discriminate.
    destruct (arm_each rest s total) eqn:A; try discriminate.
    inversion E; subst; simpl; f_equal; eauto.
Qed.

Lemma arm_facts : forall legs s triggers,
  arm legs s = Some triggers ->
  length triggers = length legs /\ Forall positive_leg legs /\
  allocated legs triggers <= s /\ Forall2 (fun l t => t <= coordinate l) legs triggers.
Proof.
  unfold arm, risk_total; intros legs s triggers E.
  destruct legs as [| l rest]; try discriminate.
  destruct (risk_from 0 (l :: rest)) as [total |] eqn:R; try discriminate.
  destruct (risk_from_is_risk _ _ _ R) as (T & F).
  assert (Ht : 0 < total) by (pose proof (proj2 (risk_is_positive _ F)); rewrite T; apply H; congruence).
  destruct (armed_within_risk _ _ _ _ Ht F E) as (B & D).
  repeat split; auto; [ eapply armed_length; eauto | ].
  replace (risk (l :: rest)) with total in B by lia.
  apply Z.mul_le_mono_pos_r with (p := total); lia.
Qed.

(** * Theorems *)

(** The shares of slack given to the positions are not negative and sum to at most the slack. *)
Theorem shares_of_slack_are_within_slack : forall legs s triggers,
  arm legs s = Some triggers ->
  allocated legs triggers <= s /\ Forall2 (fun l t => t <= coordinate l) legs triggers.
Proof. intros legs s triggers E. destruct (arm_facts _ _ _ E) as (_ & _ & A & B). auto. Qed.

Definition two_legs := [Leg 1 0 30; Leg 2 0 5].

Example shares_of_slack_are_within_slack_somewhere :
  arm two_legs 400 = Some [-300; -50] /\ allocated two_legs [-300; -50] = 400.
Proof. split; reflexivity. Qed.

(** Were the divisions rounded up, more than the slack would be given away. *)
Example shares_of_slack_are_within_slack_needs_rounding_down :
  let legs := [Leg 1 0 1; Leg 1 0 1] in
  let ceil_trigger l s total := coordinate l + - (s * risk_per_lot l) / total in
  allocated legs (map (fun l => ceil_trigger l 1 2) legs) = 2 /\
  allocated legs (map (fun l => ceil_trigger l 1 2) legs) > 1.
Proof. split; reflexivity. Qed.

(** Trigger completeness: armed on their slack, then moved anywhere at or above their triggers, the
    positions leave slack at least zero. *)
Theorem trigger_completeness : forall base legs triggers later,
  arm legs (slack base legs) = Some triggers ->
  Forall2 Z.le triggers later ->
  0 <= slack base (moved legs later).
Proof.
  intros base legs triggers later E L.
  destruct (arm_facts _ _ _ E) as (N & F & A & _).
  assert (F' : Forall (fun l => 0 <= size l) legs).
  { eapply Forall_impl; [ | exact F ]. intros l (P & _). simpl. lia. }
  pose proof (loss_within_allocation legs triggers later base F' N L). lia.
Qed.

Example trigger_completeness_somewhere :
  arm two_legs (slack 400 two_legs) = Some [-300; -50] /\
  Forall2 Z.le [-300; -50] [-300; -50] /\ slack 400 (moved two_legs [-300; -50]) = 0.
Proof. repeat split; repeat constructor; discriminate. Qed.

(** With one coordinate below its trigger slack may be negative. *)
Example trigger_completeness_needs_every_coordinate :
  arm two_legs (slack 400 two_legs) = Some [-300; -50] /\
  slack 400 (moved two_legs [-300; -51]) = -2.
Proof. split; reflexivity. Qed.

(** Arming on a slack the positions don't have isn't enough either. *)
Example trigger_completeness_needs_the_true_slack :
  arm two_legs 400 = Some [-300; -50] /\ slack 399 (moved two_legs [-300; -50]) = -1.
Proof. split; reflexivity. Qed.

(** Old triggers that [still_sound] accepts keep the account safe, wherever they came from. *)
Theorem kept_triggers_are_sound : forall base legs triggers later,
  Forall (fun l => 0 <= size l) legs ->
  still_sound legs triggers (slack base legs) = Some true ->
  Forall2 Z.le triggers later ->
  0 <= slack base (moved legs later).
Proof.
  unfold still_sound; intros base legs triggers later F E L.
  destruct (Nat.eqb_spec (length legs) (length triggers)) as [N |]; try discriminate.
  inversion E as [B]; clear E. apply Z.leb_le in B.
  pose proof (loss_within_allocation legs triggers later base F (eq_sym N) L).
  assert (K : forall legs triggers acc, Forall (fun l => 0 <= size l) legs ->
    acc + allocated legs triggers <= allocated_from acc legs triggers).
  { clear. induction legs as [| l rest IH]; intros [| t ts] acc F; simpl; try lia.
    inversion F; subst.
    specialize (IH ts (acc + Z.max (coordinate l - t) 0 * size l) H2).
    assert (size l * (coordinate l - t) <= Z.max (coordinate l - t) 0 * size l) by nia.
    lia. }
  specialize (K legs triggers 0 F). lia.
Qed.

Example kept_triggers_are_sound_somewhere :
  still_sound two_legs [-300; -50] (slack 400 two_legs) = Some true /\
  still_sound two_legs [5; 5] (slack 0 two_legs) = Some true.
Proof. split; reflexivity. Qed.

(** Triggers that it doesn't accept may leave slack negative. *)
Example kept_triggers_are_sound_needs_acceptance :
  still_sound two_legs [-300; -50] (slack 399 two_legs) = Some false /\
  slack 399 (moved two_legs [-300; -50]) = -1.
Proof. split; reflexivity. Qed.

(** Positive sizes and risks and slack of at least zero: there are triggers. *)
Theorem safe_accounts_have_triggers : forall legs s,
  legs <> [] -> Forall positive_leg legs -> 0 <= s -> exists triggers, arm legs s = Some triggers.
Proof.
  intros legs s N F S. unfold arm, risk_total.
  destruct legs as [| l rest]; [ congruence | ].
  rewrite (risk_from_valid _ 0 F).
  assert (K : forall total all, exists triggers, arm_each all s total = Some triggers).
  { intros total all. induction all as [| a all (ts & IH)]; simpl; [ eauto | ].
    unfold trigger. destruct (Z.ltb_spec s 0); [ lia | ]. rewrite IH. eauto. }
  apply K.
Qed.

Example safe_accounts_have_triggers_somewhere :
  two_legs <> [] /\ Forall positive_leg two_legs /\ arm [Leg 3 100 10] 20 = Some [94].
Proof. repeat split; try discriminate; repeat constructor. Qed.

(** No position, no size, no risk, negative slack: refused. *)
Example safe_accounts_have_triggers_needs_each_premise :
  arm [] 1 = None /\ arm [Leg 0 0 1] 1 = None /\ arm [Leg 1 0 0] 1 = None /\ arm two_legs (-1) = None.
Proof. repeat split. Qed.

(** All theorems of this file, so that one search for assumptions covers them. *)
Definition trigger_completeness_theorems :=
  (shares_of_slack_are_within_slack,
   trigger_completeness,
   kept_triggers_are_sound,
   safe_accounts_have_triggers).

Print Assumptions trigger_completeness_theorems.
