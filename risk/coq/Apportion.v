(** Cumulative-rounding division, for any number of claims.

    Model of [risk/src/apportion.rs]. Integers are unbounded; [None] is an error of the Rust function.
    [Z.div] by a positive divisor is [mul_div_floor]: an exact product, rounded toward minus infinity. *)

From Coq Require Import ZArith Lia List.
Import ListNotations.
Open Scope Z_scope.

Definition sum (xs : list Z) : Z := fold_right Z.add 0 xs.

(** Rust: [struct Apportionment]. *)
Record apportionment := Division {
  total : Z;
  weight_total : Z;
  weight_seen : Z;
  given : Z
}.

(** Rust: [Apportionment::new]. *)
Definition new (amount weights : Z) : option apportionment :=
  if negb (0 <? weights) then None
  else if amount <? 0 then None
  else Some (Division amount weights 0 0).

(** Rust: [Apportionment::next]; the share, and the state after it. *)
Definition next (d : apportionment) (weight : Z) : option (Z * apportionment) :=
  if weight <? 0 then None
  else
    let seen := weight_seen d + weight in
    if weight_total d <? seen then None
    else
      let due := total d * seen / weight_total d in
      let share := due - given d in
      Some (share, Division (total d) (weight_total d) seen due).

(** A caller's loop over [Apportionment::next]: one share per weight, in order; the first error ends it. *)
Fixpoint serve (d : apportionment) (weights : list Z) : option (list Z * apportionment) :=
  match weights with
  | [] => Some ([], d)
  | weight :: rest =>
      match next d weight with
      | None => None
      | Some (share, d1) =>
          match serve d1 rest with
          | None => None
          | Some (shares, d2) => Some (share :: shares, d2)
          end
      end
  end.

(** [Apportionment::new], then the loop. *)
Definition divide (amount : Z) (weights : list Z) : option (list Z * apportionment) :=
  match new amount (sum weights) with
  | None => None
  | Some d => serve d weights
  end.

(** * Auxiliary *)

Lemma sum_app : forall xs ys, sum (xs ++ ys) = sum xs + sum ys.
Proof. induction xs; intros; simpl in *; [ reflexivity | rewrite IHxs; lia ]. Qed.

Lemma sum_nonneg : forall xs, Forall (fun x => 0 <= x) xs -> 0 <= sum xs.
Proof. induction 1; simpl; lia. Qed.

(** What every state reached by [new] and [next] satisfies. *)
Definition consistent (d : apportionment) : Prop :=
  0 <= total d /\ 0 < weight_total d /\ given d = total d * weight_seen d / weight_total d.

Lemma new_is_consistent : forall amount weights d,
  new amount weights = Some d ->
  consistent d /\ total d = amount /\ weight_total d = weights /\ weight_seen d = 0 /\ given d = 0.
Proof.
  unfold new, consistent; intros amount weights d.
  destruct (Z.ltb_spec 0 weights); simpl; try discriminate.
  destruct (Z.ltb_spec amount 0); try discriminate.
  intros E; inversion E; subst; simpl.
  rewrite Z.mul_0_r, Z.div_0_l by lia. lia.
Qed.

(** What is known of one share. *)
Definition fair (amount weights weight share : Z) : Prop :=
  0 <= weight /\ 0 <= share /\
  (share - 1) * weights < amount * weight < (share + 1) * weights /\
  (amount <= weights -> share <= weight).

Lemma next_is_fair : forall d weight share d',
  consistent d -> next d weight = Some (share, d') ->
  consistent d' /\ total d' = total d /\ weight_total d' = weight_total d /\
  weight_seen d' = weight_seen d + weight /\ given d' = given d + share /\
  fair (total d) (weight_total d) weight share.
Proof.
  unfold next, consistent, fair; intros d weight share d' (Ht & Hw & Hg).
  destruct (Z.ltb_spec weight 0); try discriminate.
  destruct (Z.ltb_spec (weight_total d) (weight_seen d + weight)); try discriminate.
  intros E; inversion E; subst; clear E; simpl.
  rewrite Hg; clear Hg.
  destruct d as [t w s g]; simpl in *.
  pose proof (Z.div_mod (t * s) w ltac:(lia)) as E1.
  pose proof (Z.mod_pos_bound (t * s) w Hw) as B1.
  pose proof (Z.div_mod (t * (s + weight)) w ltac:(lia)) as E2.
  pose proof (Z.mod_pos_bound (t * (s + weight)) w Hw) as B2.
  set (q1 := t * s / w) in *; set (q2 := t * (s + weight) / w) in *.
  assert (P1 : (q2 - q1 - 1) * w < t * weight) by lia.
  assert (P2 : t * weight < (q2 - q1 + 1) * w) by lia.
  assert (N : 0 <= t * weight) by nia.
  assert (0 <= q2 - q1) by (assert (0 < (q2 - q1 + 1) * w) by lia; nia).
  repeat split; try lia.
  intros Hle.
  assert ((q2 - q1 - 1) * w < weight * w) by nia.
  assert (q2 - q1 - 1 < weight) by nia.
  lia.
Qed.

Lemma serve_is_fair : forall weights d shares d',
  consistent d -> serve d weights = Some (shares, d') ->
  consistent d' /\ total d' = total d /\ weight_total d' = weight_total d /\
  weight_seen d' = weight_seen d + sum weights /\ given d' = given d + sum shares /\
  Forall2 (fair (total d) (weight_total d)) weights shares.
Proof.
  induction weights as [| weight rest IH]; intros d shares d' C E; simpl in E.
  - inversion E; subst; simpl. repeat split; try apply C; try lia. constructor.
  - destruct (next d weight) as [[share d1] |] eqn:N; try discriminate.
    destruct (serve d1 rest) as [[tail d2] |] eqn:S; try discriminate.
    inversion E; subst; clear E.
    destruct (next_is_fair _ _ _ _ C N) as (C1 & T1 & W1 & S1 & G1 & F1).
    destruct (IH _ _ _ C1 S) as (C2 & T2 & W2 & S2 & G2 & F2).
    rewrite T1, W1 in *. simpl.
    repeat split; try apply C2; try lia. constructor; auto.
Qed.

Lemma divide_is_fair : forall amount weights shares after,
  divide amount weights = Some (shares, after) ->
  consistent after /\ given after = sum shares /\ sum shares = amount /\
  Forall2 (fair amount (sum weights)) weights shares.
Proof.
  unfold divide; intros amount weights shares after E.
  destruct (new amount (sum weights)) as [d |] eqn:N; try discriminate.
  destruct (new_is_consistent _ _ _ N) as (C & T & W & S & G).
  destruct (serve_is_fair _ _ _ _ C E) as (C' & T' & W' & S' & G' & F).
  rewrite T, W in *.
  destruct C' as (Ha & Hb & Hc).
  assert (A : given after = amount).
  { rewrite Hc, T', W', S', S, Z.add_0_l. apply Z.div_mul. lia. }
  repeat split; auto; lia.
Qed.

Lemma Forall2_weaken : forall (A B : Type) (P Q : A -> B -> Prop) xs ys,
  (forall x y, P x y -> Q x y) -> Forall2 P xs ys -> Forall2 Q xs ys.
Proof. induction 2; constructor; auto. Qed.

Lemma Forall2_same_length : forall (A B : Type) (P : A -> B -> Prop) xs ys,
  Forall2 P xs ys -> length xs = length ys.
Proof. induction 1; simpl; auto. Qed.

Lemma Forall2_at : forall (A B : Type) (P : A -> B -> Prop) xs ys x y,
  Forall2 P xs ys -> In (x, y) (combine xs ys) -> P x y.
Proof.
  induction 1; simpl; [ tauto | ].
  intros [E | I]; [ inversion E; subst | ]; auto.
Qed.

(** * Theorems *)

(** The shares sum to the total exactly, whatever the claims; the state knows it. *)
Theorem shares_sum_to_the_total : forall amount weights shares after,
  divide amount weights = Some (shares, after) ->
  length shares = length weights /\ sum shares = amount /\ given after = amount.
Proof.
  intros amount weights shares after E.
  destruct (divide_is_fair _ _ _ _ E) as (_ & G & S & F).
  apply Forall2_same_length in F. lia.
Qed.

Example shares_sum_to_the_total_somewhere :
  option_map fst (divide 10 [1; 0; 3; 3]) = Some [1; 0; 4; 5].
Proof. reflexivity. Qed.

(** Without the last claim the total is not reached: the stated sum of weights must be all of them. *)
Example shares_sum_to_the_total_needs_all_claims :
  exists d shares after,
    new 10 7 = Some d /\ serve d [1; 0; 3] = Some (shares, after) /\ sum shares <> 10.
Proof. exists (Division 10 7 0 0), [1; 0; 4], (Division 10 7 4 5). repeat split. discriminate. Qed.

(** If the total is at most the sum of the claims, every share is in [0, claim]. *)
Theorem shares_are_within_their_claims : forall amount weights shares after,
  amount <= sum weights ->
  divide amount weights = Some (shares, after) ->
  Forall2 (fun weight share => 0 <= share <= weight) weights shares.
Proof.
  intros amount weights shares after L E.
  destruct (divide_is_fair _ _ _ _ E) as (_ & _ & _ & F).
  eapply Forall2_weaken; [ | exact F ].
  unfold fair; intros; intuition.
Qed.

Example shares_are_within_their_claims_somewhere :
  5 <= sum [1; 0; 3; 3] /\ option_map fst (divide 5 [1; 0; 3; 3]) = Some [0; 0; 2; 3].
Proof. split; [ discriminate | reflexivity ]. Qed.

(** Without the premise on the total a share exceeds its claim. *)
Example shares_are_within_their_claims_needs_enough_claims :
  exists shares after,
    divide 10 [1; 0; 3; 3] = Some (shares, after) /\
    ~ Forall2 (fun weight share => 0 <= share <= weight) [1; 0; 3; 3] shares.
Proof.
  eexists; eexists; split; [ reflexivity | ].
  intros F. apply Forall2_at with (x := 3) (y := 4) in F; [ lia | simpl; auto ].
Qed.

(** Every share is less than one unit away from the exact proportion, and none is negative. *)
Theorem shares_are_within_one_unit : forall amount weights shares after,
  divide amount weights = Some (shares, after) ->
  Forall2 (fun weight share =>
    0 <= share /\
    (share - 1) * sum weights < amount * weight < (share + 1) * sum weights) weights shares.
Proof.
  intros amount weights shares after E.
  destruct (divide_is_fair _ _ _ _ E) as (_ & _ & _ & F).
  eapply Forall2_weaken; [ | exact F ].
  unfold fair; intros; intuition.
Qed.

Example shares_are_within_one_unit_somewhere :
  option_map fst (divide 100 [1; 1; 1]) = Some [33; 33; 34].
Proof. reflexivity. Qed.

(** One unit is the best bound: "within half a unit" is false. *)
Example shares_are_within_one_unit_needs_a_whole_unit :
  exists shares after,
    divide 5 [3; 3; 2] = Some (shares, after) /\
    ~ Forall2 (fun weight share =>
        2 * Z.abs (share * sum [3; 3; 2] - 5 * weight) <= sum [3; 3; 2]) [3; 3; 2] shares.
Proof.
  eexists; eexists; split; [ reflexivity | ].
  intros F. apply Forall2_at with (x := 2) (y := 2) in F; [ | simpl; auto ].
  apply F. reflexivity.
Qed.

(** A division may stop after any claim and resume from its stored state: same shares, same end. *)
Theorem division_resumes : forall first rest d,
  serve d (first ++ rest) =
  match serve d first with
  | None => None
  | Some (shares1, stored) =>
      match serve stored rest with
      | None => None
      | Some (shares2, after) => Some (shares1 ++ shares2, after)
      end
  end.
Proof.
  induction first as [| weight first IH]; intros rest d; simpl.
  - destruct (serve d rest) as [[? ?] |]; reflexivity.
  - destruct (next d weight) as [[share d1] |]; [ | reflexivity ].
    rewrite IH.
    destruct (serve d1 first) as [[shares1 stored] |]; [ | reflexivity ].
    destruct (serve stored rest) as [[shares2 after] |]; reflexivity.
Qed.

Example division_resumes_somewhere :
  serve (Division 10 7 0 0) [1; 0] = Some ([1; 0], Division 10 7 1 1) /\
  serve (Division 10 7 1 1) [3; 3] = Some ([4; 5], Division 10 7 7 10).
Proof. split; reflexivity. Qed.

(** Resumed from a fresh state instead of the stored one, the shares differ. *)
Example division_resumes_needs_the_stored_state :
  option_map fst (serve (Division 10 7 0 0) [3; 3]) <>
  option_map fst (serve (Division 10 7 1 1) [3; 3]).
Proof. cbv. discriminate. Qed.

(** What is valid is never refused: so the statements above are about every valid division. *)
Theorem valid_divisions_are_served : forall amount weights,
  0 <= amount -> Forall (fun w => 0 <= w) weights -> 0 < sum weights ->
  exists shares after, divide amount weights = Some (shares, after).
Proof.
  intros amount weights Ha Hw Hs. unfold divide, new.
  destruct (Z.ltb_spec 0 (sum weights)); [ simpl | lia ].
  destruct (Z.ltb_spec amount 0); [ lia | ].
  assert (K : forall ws d, Forall (fun w => 0 <= w) ws ->
    weight_seen d + sum ws <= weight_total d ->
    exists shares after, serve d ws = Some (shares, after)).
  { induction ws as [| w ws IH]; intros d Hf Hle; simpl in *; [ eauto | ].
    inversion Hf; subst. pose proof (sum_nonneg _ H4).
    unfold next.
    destruct (Z.ltb_spec w 0); [ lia | ].
    destruct (Z.ltb_spec (weight_total d) (weight_seen d + w)); [ lia | ].
    edestruct (IH (Division (total d) (weight_total d) (weight_seen d + w)
      (total d * (weight_seen d + w) / weight_total d))) as (sh & af & E); simpl; auto; try lia.
    rewrite E. eauto. }
  apply K; simpl; auto; lia.
Qed.

Example valid_divisions_are_served_somewhere :
  0 <= 10 /\ Forall (fun w => 0 <= w) [1; 0; 3; 3] /\ 0 < sum [1; 0; 3; 3].
Proof. repeat split; try discriminate; repeat constructor; discriminate. Qed.

(** A negative claim, a negative total, no weight: refused. *)
Example valid_divisions_are_served_needs_each_premise :
  divide 10 [8; -1] = None /\ divide (-1) [1] = None /\ divide 10 [0] = None.
Proof. repeat split. Qed.

(** All theorems of this file, so that one search for assumptions covers them. *)
Definition apportion_theorems :=
  (shares_sum_to_the_total,
   shares_are_within_their_claims,
   shares_are_within_one_unit,
   division_resumes,
   valid_divisions_are_served).

Print Assumptions apportion_theorems.
