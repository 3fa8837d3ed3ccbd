// Generated from a migrated database by the contract test `schema_matches_the_database`; do not edit.

diesel::table! {
    action_attempts (checkout_id, run_id, number) {
        checkout_id -> Uuid,
        run_id -> Uuid,
        number -> Integer,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
        message -> Nullable<Text>,
    }
}

diesel::table! {
    action_runs (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        order_id -> Uuid,
        action_id -> Uuid,
        level -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        name -> Text,
        config -> Jsonb,
        order_line_id -> Nullable<Uuid>,
        status -> Text,
        attempts -> Integer,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        revision -> Integer,
        waiting_for -> Nullable<Text>,
        revokes -> Nullable<Uuid>,
        outcome -> Nullable<Jsonb>,
        product_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    actions (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        level -> Text,
        owner_id -> Nullable<Uuid>,
        #[sql_name = "type"]
        type_ -> Text,
        name -> Text,
        enabled -> Bool,
        run_in_test -> Bool,
        config -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        secrets -> Nullable<Bytea>,
        archived_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    add_on_prices (checkout_id, add_on_id, currency) {
        checkout_id -> Uuid,
        add_on_id -> Uuid,
        currency -> Text,
        amount -> BigInt,
        discounted_amount -> Nullable<BigInt>,
        lowest_amount_30_days -> Nullable<BigInt>,
    }
}

diesel::table! {
    add_ons (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        variant_id -> Uuid,
        replaces_product_id -> Nullable<Uuid>,
        name -> Text,
        description -> Nullable<Text>,
        image_url -> Nullable<Text>,
        translations -> Jsonb,
        quantity_default -> Integer,
        quantity_min -> Integer,
        quantity_max -> Integer,
        status -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    api_key_checkouts (organization_id, api_key_id, checkout_id) {
        organization_id -> Uuid,
        api_key_id -> Uuid,
        checkout_id -> Uuid,
        role -> Text,
    }
}

diesel::table! {
    api_keys (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        name -> Text,
        secret_hash -> Bytea,
        last4 -> Text,
        test_mode -> Bool,
        organization_role -> Nullable<Text>,
        checkout_id -> Nullable<Uuid>,
        expires_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        made_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    audit_log (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        checkout_id -> Nullable<Uuid>,
        actor_type -> Text,
        actor_id -> Nullable<Uuid>,
        credential -> Nullable<Text>,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        action -> Text,
        object_type -> Nullable<Text>,
        object_id -> Nullable<Text>,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    billing_details (organization_id) {
        organization_id -> Uuid,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
        street -> Nullable<Text>,
        city -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        country -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    checkout_links (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        offer_id -> Uuid,
        name -> Text,
        slug -> Text,
        source -> Nullable<Text>,
        tags -> Array<Text>,
        active -> Bool,
        inactive_message -> Nullable<Text>,
        test_mode -> Bool,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        kind -> Text,
        status -> Text,
        variant_id -> Nullable<Uuid>,
        currency -> Nullable<Text>,
        expires_at -> Nullable<Timestamptz>,
        external_id -> Nullable<Text>,
        custom_price -> Nullable<BigInt>,
        product_options -> Nullable<Jsonb>,
        checkout_options -> Nullable<Jsonb>,
        checkout_data -> Nullable<Jsonb>,
    }
}

diesel::table! {
    checkout_members (checkout_id, user_id) {
        checkout_id -> Uuid,
        user_id -> Uuid,
        role -> Text,
        created_at -> Timestamptz,
        organization_id -> Uuid,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    checkout_pages (checkout_id) {
        checkout_id -> Uuid,
        style -> Jsonb,
        billing_form -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    checkout_sessions (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        link_id -> Uuid,
        offer_id -> Uuid,
        status -> Text,
        currency -> Text,
        locale -> Text,
        email -> Nullable<Text>,
        country -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        consents -> Jsonb,
        source -> Nullable<Text>,
        tags -> Array<Text>,
        test_mode -> Bool,
        order_id -> Nullable<Uuid>,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        postal_code -> Nullable<Text>,
        vat_number -> Nullable<Text>,
        discount_code -> Nullable<Text>,
        custom -> Jsonb,
        locked -> Array<Text>,
        contact -> Jsonb,
        messages -> Jsonb,
        return_url -> Nullable<Text>,
        cancel_url -> Nullable<Text>,
        metadata -> Jsonb,
    }
}

diesel::table! {
    checkout_slugs (slug) {
        slug -> Text,
        checkout_id -> Uuid,
    }
}

diesel::table! {
    checkouts (id) {
        id -> Uuid,
        organization_id -> Uuid,
        name -> Text,
        slug -> Text,
        status -> Text,
        country -> Text,
        default_currency -> Text,
        default_locale -> Text,
        prices_include_tax -> Bool,
        storefront_url -> Nullable<Text>,
        support_email -> Nullable<Text>,
        mail_from_name -> Nullable<Text>,
        mail_from_email -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        domain -> Nullable<Text>,
        return_origins -> Array<Text>,
        max_holds_per_address -> Nullable<Integer>,
        currencies -> Array<Text>,
        locales -> Array<Text>,
        policies -> Jsonb,
        hold_seconds -> Integer,
        payment_hold_seconds -> Integer,
        unpaid_order_ttl_days -> Integer,
        payment_reminder_enabled -> Bool,
        payment_reminder_after_hours -> Integer,
        attention_after_seconds -> Integer,
        analytics_consent -> Text,
        metadata -> Jsonb,
        version -> Integer,
        deleted_at -> Nullable<Timestamptz>,
        allowed_origins -> Array<Text>,
    }
}

diesel::table! {
    customers (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        email -> Nullable<Text>,
        email_folded -> Nullable<Text>,
        test_mode -> Bool,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        country -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        erased_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    deliveries (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        endpoint_id -> Uuid,
        event_id -> Uuid,
        object_id -> Uuid,
        sequence -> BigInt,
        status -> Text,
        attempts -> Integer,
        next_attempt_at -> Timestamptz,
        lease_until -> Nullable<Timestamptz>,
        generation -> Integer,
        last_status -> Nullable<Integer>,
        last_error -> Nullable<Text>,
        last_answer -> Nullable<Text>,
        last_duration_ms -> Nullable<Integer>,
        last_attempt_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        step -> Integer,
        blocked -> Bool,
        overtaken -> Bool,
        first_attempt_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    delivery_attempts (checkout_id, delivery_id, number) {
        checkout_id -> Uuid,
        delivery_id -> Uuid,
        number -> Integer,
        attempted_at -> Timestamptz,
        duration_ms -> Integer,
        status -> Nullable<Integer>,
        error -> Nullable<Text>,
        answer -> Nullable<Text>,
    }
}

diesel::table! {
    detached_cards (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        provider_reference -> Text,
        run_at -> Timestamptz,
        generation -> Integer,
        attempts -> Integer,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    discount_amounts (checkout_id, discount_code_id, currency) {
        checkout_id -> Uuid,
        discount_code_id -> Uuid,
        currency -> Text,
        amount -> Nullable<BigInt>,
        minimum_amount -> Nullable<BigInt>,
    }
}

diesel::table! {
    discount_codes (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        code -> Text,
        code_folded -> Text,
        description -> Nullable<Text>,
        #[sql_name = "type"]
        type_ -> Text,
        percentage -> Nullable<Numeric>,
        exclude_discounted_products -> Bool,
        refund_policy -> Text,
        active -> Bool,
        valid_from -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
        usage_limit -> Nullable<BigInt>,
        max_per_customer -> Nullable<Integer>,
        metadata -> Jsonb,
        archived_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    discount_counters (checkout_id, discount_code_id, test_mode) {
        checkout_id -> Uuid,
        discount_code_id -> Uuid,
        test_mode -> Bool,
        held -> BigInt,
        redeemed -> BigInt,
        usage_limit -> Nullable<BigInt>,
    }
}

diesel::table! {
    discount_customers (checkout_id, discount_code_id, customer_hash, test_mode) {
        checkout_id -> Uuid,
        discount_code_id -> Uuid,
        customer_hash -> Bytea,
        test_mode -> Bool,
        decided -> BigInt,
    }
}

diesel::table! {
    discount_holds (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        discount_code_id -> Uuid,
        session_id -> Uuid,
        order_id -> Nullable<Uuid>,
        customer_hash -> Nullable<Bytea>,
        test_mode -> Bool,
        state -> Text,
        phase -> Text,
        expires_at -> Timestamptz,
        renewable_until -> Timestamptz,
        counted -> Bool,
        over_limit -> Bool,
        amount -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        address_hash -> Nullable<Bytea>,
    }
}

diesel::table! {
    discount_products (checkout_id, discount_code_id, product_id) {
        checkout_id -> Uuid,
        discount_code_id -> Uuid,
        product_id -> Uuid,
    }
}

diesel::table! {
    event_counters (checkout_id) {
        checkout_id -> Uuid,
        last_sequence -> BigInt,
    }
}

diesel::table! {
    events (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        sequence -> Nullable<BigInt>,
        #[sql_name = "type"]
        type_ -> Text,
        object_type -> Text,
        object_id -> Uuid,
        object_version -> Integer,
        occurred_at -> Timestamptz,
        api_version -> Text,
        test_mode -> Bool,
        data -> Jsonb,
    }
}

diesel::table! {
    exchange_rates (currency, on_date, source) {
        currency -> Text,
        on_date -> Date,
        source -> Text,
        rate -> Numeric,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_keys (tenant_id, scope) {
        tenant_id -> Uuid,
        scope -> Bytea,
        fingerprint -> Bytea,
        status -> Nullable<Integer>,
        body -> Nullable<Bytea>,
        sealed -> Bool,
        location -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    integrations (checkout_id, service) {
        checkout_id -> Uuid,
        service -> Text,
        settings -> Jsonb,
        secrets -> Bytea,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    invitations (organization_id, id) {
        organization_id -> Uuid,
        id -> Uuid,
        email -> Text,
        email_folded -> Text,
        role -> Text,
        checkout_roles -> Jsonb,
        status -> Text,
        expires_at -> Timestamptz,
        accepted_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    jobs (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        object_id -> Uuid,
        run_at -> Timestamptz,
        lease_until -> Nullable<Timestamptz>,
        generation -> Integer,
        attempts -> Integer,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    license_keys (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        product_id -> Uuid,
        key -> Text,
        order_line_id -> Nullable<Uuid>,
        taken_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    license_pools (checkout_id, product_id) {
        checkout_id -> Uuid,
        product_id -> Uuid,
        low_since -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    licenses (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        order_id -> Uuid,
        order_line_id -> Uuid,
        product_id -> Uuid,
        run_id -> Uuid,
        position -> Integer,
        content -> Nullable<Text>,
        key_id -> Nullable<Uuid>,
        issued_at -> Timestamptz,
        mailed_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        version -> Integer,
        test_mode -> Bool,
    }
}

diesel::table! {
    link_counters (checkout_id, link_id) {
        checkout_id -> Uuid,
        link_id -> Uuid,
        orders -> BigInt,
        max_orders -> Nullable<BigInt>,
    }
}

diesel::table! {
    link_session_counters (checkout_id, link_id, shard) {
        checkout_id -> Uuid,
        link_id -> Uuid,
        shard -> Integer,
        sessions -> BigInt,
    }
}

diesel::table! {
    link_tokens (link_id) {
        link_id -> Uuid,
        checkout_id -> Uuid,
    }
}

diesel::table! {
    mails (id) {
        id -> Uuid,
        message_sealed -> Bytea,
        run_at -> Timestamptz,
        generation -> Integer,
        attempts -> Integer,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        rank -> Integer,
        about -> Nullable<Uuid>,
    }
}

diesel::table! {
    offer_add_ons (checkout_id, offer_id, add_on_id) {
        checkout_id -> Uuid,
        offer_id -> Uuid,
        add_on_id -> Uuid,
        position -> Text,
        sort -> Integer,
    }
}

diesel::table! {
    offer_item_prices (checkout_id, offer_item_id, variant_key, currency) {
        checkout_id -> Uuid,
        offer_item_id -> Uuid,
        variant_id -> Nullable<Uuid>,
        variant_key -> Uuid,
        currency -> Text,
        amount -> BigInt,
        discounted_amount -> Nullable<BigInt>,
        lowest_amount_30_days -> Nullable<BigInt>,
    }
}

diesel::table! {
    offer_items (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        offer_id -> Uuid,
        product_id -> Uuid,
        position -> Integer,
        name -> Nullable<Text>,
        quantity_default -> Integer,
        quantity_min -> Integer,
        quantity_max -> Integer,
        created_at -> Timestamptz,
        description -> Nullable<Text>,
        variant_ids -> Array<Uuid>,
        optional -> Bool,
        selected -> Bool,
        removed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    offers (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        name -> Text,
        title -> Text,
        description -> Nullable<Text>,
        success_url -> Nullable<Text>,
        status -> Text,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        image_urls -> Array<Text>,
        translations -> Jsonb,
    }
}

diesel::table! {
    order_access (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        order_id -> Uuid,
        token_hash -> Bytea,
        requested -> Bool,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    order_access_requests (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        number -> BigInt,
        test_mode -> Bool,
        email_hash -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    order_attention (checkout_id, order_id, code) {
        checkout_id -> Uuid,
        order_id -> Uuid,
        code -> Text,
        since -> Timestamptz,
        acknowledged_at -> Nullable<Timestamptz>,
        note -> Nullable<Text>,
        stays -> Bool,
    }
}

diesel::table! {
    order_counters (checkout_id, test_mode) {
        checkout_id -> Uuid,
        test_mode -> Bool,
        last_number -> BigInt,
    }
}

diesel::table! {
    order_lines (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        order_id -> Uuid,
        position -> Integer,
        role -> Text,
        product_id -> Uuid,
        variant_id -> Uuid,
        name -> Text,
        quantity -> Integer,
        unit_amount -> BigInt,
        original_unit_amount -> Nullable<BigInt>,
        subtotal -> BigInt,
        discount -> BigInt,
        tax_rate -> Numeric,
        tax_country -> Nullable<Text>,
        tax_reason -> Nullable<Text>,
        tax -> BigInt,
        total -> BigInt,
        fulfillment_status -> Text,
        offer_id -> Nullable<Uuid>,
        link_id -> Nullable<Uuid>,
        source -> Nullable<Text>,
        tags -> Array<Text>,
        test_mode -> Nullable<Bool>,
        refunded_amount -> BigInt,
        refunded_tax -> BigInt,
        held_amount -> BigInt,
        held_tax -> BigInt,
        returned_at -> Nullable<Timestamptz>,
        unpaid_amount -> BigInt,
    }
}

diesel::table! {
    order_revisions (checkout_id, order_id, revision) {
        checkout_id -> Uuid,
        order_id -> Uuid,
        revision -> Integer,
        order_row -> Jsonb,
        line_rows -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    order_tags (checkout_id, test_mode, tag, order_id) {
        checkout_id -> Uuid,
        test_mode -> Bool,
        tag -> Text,
        order_id -> Uuid,
    }
}

diesel::table! {
    orders (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        number -> BigInt,
        session_id -> Uuid,
        status -> Text,
        payment_status -> Text,
        fulfillment_status -> Text,
        revision -> Integer,
        version -> Integer,
        currency -> Text,
        subtotal -> BigInt,
        discount_total -> BigInt,
        tax -> BigInt,
        total -> BigInt,
        refunded_amount -> BigInt,
        prices_include_tax -> Bool,
        offer_id -> Uuid,
        offer_title -> Text,
        success_url -> Nullable<Text>,
        link_id -> Uuid,
        link_slug -> Text,
        source -> Nullable<Text>,
        tags -> Array<Text>,
        customer_id -> Uuid,
        email -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        country -> Text,
        locale -> Text,
        consents -> Jsonb,
        metadata -> Jsonb,
        test_mode -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        paid_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        custom -> Jsonb,
        vat_number -> Nullable<Text>,
        vat_number_status -> Nullable<Text>,
        vat_consultation_id -> Nullable<Text>,
        vat_checked_at -> Nullable<Timestamptz>,
        contact -> Jsonb,
        discount_code_id -> Nullable<Uuid>,
        discount_code -> Nullable<Text>,
        discount_over_limit -> Bool,
        deletion_reason -> Nullable<Text>,
        deletion_note -> Nullable<Text>,
        deleted_at -> Nullable<Timestamptz>,
        reminded_at -> Nullable<Timestamptz>,
        requires_attention -> Bool,
        note -> Nullable<Text>,
        receipt_year -> Nullable<Integer>,
        receipt_number -> Nullable<BigInt>,
        currency_rate -> Nullable<Numeric>,
        currency_rate_on -> Nullable<Date>,
        currency_rate_stale -> Nullable<Bool>,
        total_usd -> Nullable<BigInt>,
        external_id -> Nullable<Text>,
    }
}

diesel::table! {
    organization_members (organization_id, user_id) {
        organization_id -> Uuid,
        user_id -> Uuid,
        role -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    organizations (id) {
        id -> Uuid,
        name -> Text,
        country -> Nullable<Text>,
        vat_registered -> Bool,
        union_oss -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        business_id -> Nullable<Text>,
        vat_number -> Nullable<Text>,
        address -> Nullable<Jsonb>,
        logo_url -> Nullable<Text>,
        education_provider -> Bool,
        registrations -> Jsonb,
        unverified_vat -> Text,
        policies -> Jsonb,
        metadata -> Jsonb,
        status -> Text,
        suspended_at -> Nullable<Timestamptz>,
        suspended_for -> Nullable<Text>,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    payment_cards (organization_id) {
        organization_id -> Uuid,
        provider -> Text,
        provider_customer -> Nullable<Text>,
        provider_reference -> Text,
        brand -> Text,
        last4 -> Text,
        exp_month -> Integer,
        exp_year -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    payment_methods (checkout_id, provider, test_mode) {
        checkout_id -> Uuid,
        provider -> Text,
        test_mode -> Bool,
        enabled -> Bool,
        minimums -> Jsonb,
        settings -> Jsonb,
        secrets -> Bytea,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    payments (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        order_id -> Uuid,
        provider -> Text,
        status -> Text,
        revision -> Integer,
        currency -> Text,
        amount -> BigInt,
        received_amount -> Nullable<BigInt>,
        allocated_amount -> BigInt,
        refunded_amount -> BigInt,
        provider_reference -> Nullable<Text>,
        error_code -> Nullable<Text>,
        error_retryable -> Nullable<Bool>,
        start_lease_until -> Nullable<Timestamptz>,
        test_mode -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        method -> Nullable<Text>,
        handover -> Nullable<Bytea>,
        refunded_unallocated -> BigInt,
        received_at -> Nullable<Timestamptz>,
        bank_reference -> Nullable<Text>,
        answered_at -> Nullable<Timestamptz>,
        failure_untold -> Bool,
    }
}

diesel::table! {
    price_history (checkout_id, owner_id, variant_key, currency, valid_from) {
        checkout_id -> Uuid,
        owner -> Text,
        owner_id -> Uuid,
        variant_id -> Nullable<Uuid>,
        variant_key -> Uuid,
        currency -> Text,
        valid_from -> Timestamptz,
        amount -> Nullable<BigInt>,
        discounted_amount -> Nullable<BigInt>,
    }
}

diesel::table! {
    product_prices (checkout_id, product_id, currency) {
        checkout_id -> Uuid,
        product_id -> Uuid,
        currency -> Text,
        amount -> BigInt,
        discounted_amount -> Nullable<BigInt>,
        lowest_amount_30_days -> Nullable<BigInt>,
    }
}

diesel::table! {
    products (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        name -> Text,
        description -> Nullable<Text>,
        #[sql_name = "type"]
        type_ -> Text,
        vat_type -> Text,
        status -> Text,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        image_urls -> Array<Text>,
        translations -> Jsonb,
        place_country -> Nullable<Text>,
        employee_benefits -> Array<Text>,
        license -> Nullable<Jsonb>,
    }
}

diesel::table! {
    provider_events (checkout_id, provider, event_id) {
        checkout_id -> Uuid,
        provider -> Text,
        event_id -> Text,
        kind -> Text,
        payment_id -> Nullable<Uuid>,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    receipt_counters (checkout_id, test_mode, year) {
        checkout_id -> Uuid,
        test_mode -> Bool,
        year -> Integer,
        last_number -> BigInt,
    }
}

diesel::table! {
    refund_lines (checkout_id, refund_id, order_line_id) {
        checkout_id -> Uuid,
        refund_id -> Uuid,
        order_line_id -> Uuid,
        amount -> BigInt,
        tax_amount -> BigInt,
        remove_access -> Bool,
    }
}

diesel::table! {
    refunds (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        order_id -> Uuid,
        payment_id -> Nullable<Uuid>,
        kind -> Text,
        status -> Text,
        refund_payment -> Bool,
        manual_transfer_required -> Bool,
        currency -> Text,
        amount -> BigInt,
        tax_amount -> BigInt,
        remove_offer_access -> Bool,
        reason -> Nullable<Text>,
        comment -> Nullable<Text>,
        failure_code -> Nullable<Text>,
        provider_reference -> Nullable<Text>,
        reverses -> Nullable<Uuid>,
        version -> Integer,
        attempts -> Integer,
        next_attempt_at -> Nullable<Timestamptz>,
        test_mode -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        effective_at -> Nullable<Timestamptz>,
        called_at -> Nullable<Timestamptz>,
        metadata -> Jsonb,
    }
}

diesel::table! {
    session_lines (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        session_id -> Uuid,
        position -> Integer,
        offer_item_id -> Nullable<Uuid>,
        product_id -> Uuid,
        variant_id -> Uuid,
        quantity -> Integer,
        of_link -> Bool,
        link_id -> Uuid,
        role -> Text,
        add_on_id -> Nullable<Uuid>,
        replaced_by -> Nullable<Uuid>,
        selected -> Bool,
        seen_amount -> Nullable<BigInt>,
    }
}

diesel::table! {
    sign_ins (user_id, id) {
        user_id -> Uuid,
        id -> Uuid,
        generation -> Integer,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        revoked_for -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    user_identities (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        name -> Text,
        email -> Text,
        email_folded -> Text,
        password_hash -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        email_verified_at -> Nullable<Timestamptz>,
        reset_mailed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    variant_prices (checkout_id, variant_id, currency) {
        checkout_id -> Uuid,
        variant_id -> Uuid,
        currency -> Text,
        amount -> BigInt,
        discounted_amount -> Nullable<BigInt>,
        lowest_amount_30_days -> Nullable<BigInt>,
    }
}

diesel::table! {
    variants (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        product_id -> Uuid,
        name -> Text,
        sort -> Integer,
        status -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        description -> Nullable<Text>,
    }
}

diesel::table! {
    vat_checks (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        vat_number -> Text,
        state -> Text,
        consultation_id -> Nullable<Text>,
        checked_at -> Nullable<Timestamptz>,
        name -> Nullable<Text>,
        address -> Nullable<Text>,
        last_error -> Nullable<Text>,
        next_attempt_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    webhook_endpoints (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        url -> Text,
        description -> Nullable<Text>,
        events -> Array<Text>,
        active -> Bool,
        test_mode -> Bool,
        secret_sealed -> Bytea,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        previous_secret_sealed -> Nullable<Bytea>,
        previous_secret_until -> Nullable<Timestamptz>,
        disabled_reason -> Nullable<Text>,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    webhook_queues (checkout_id, endpoint_id) {
        checkout_id -> Uuid,
        endpoint_id -> Uuid,
        fed_to -> BigInt,
        paused -> Bool,
        due_at -> Nullable<Timestamptz>,
        failing_since -> Nullable<Timestamptz>,
        last_success_at -> Nullable<Timestamptz>,
        last_failure_at -> Nullable<Timestamptz>,
        pending -> BigInt,
        succeeded -> BigInt,
        failed -> BigInt,
    }
}

diesel::table! {
    webhook_replays (checkout_id, id) {
        checkout_id -> Uuid,
        id -> Uuid,
        endpoint_id -> Uuid,
        after_sequence -> BigInt,
        until_sequence -> BigInt,
        since -> Nullable<Timestamptz>,
        until -> Nullable<Timestamptz>,
        types -> Array<Text>,
        only_failed -> Bool,
        asked -> Jsonb,
        queued -> BigInt,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    action_attempts,
    action_runs,
    actions,
    add_on_prices,
    add_ons,
    api_key_checkouts,
    api_keys,
    audit_log,
    billing_details,
    checkout_links,
    checkout_members,
    checkout_pages,
    checkout_sessions,
    checkout_slugs,
    checkouts,
    customers,
    deliveries,
    delivery_attempts,
    detached_cards,
    discount_amounts,
    discount_codes,
    discount_counters,
    discount_customers,
    discount_holds,
    discount_products,
    event_counters,
    events,
    exchange_rates,
    idempotency_keys,
    integrations,
    invitations,
    jobs,
    license_keys,
    license_pools,
    licenses,
    link_counters,
    link_session_counters,
    link_tokens,
    mails,
    offer_add_ons,
    offer_item_prices,
    offer_items,
    offers,
    order_access,
    order_access_requests,
    order_attention,
    order_counters,
    order_lines,
    order_revisions,
    order_tags,
    orders,
    organization_members,
    organizations,
    payment_cards,
    payment_methods,
    payments,
    price_history,
    product_prices,
    products,
    provider_events,
    receipt_counters,
    refund_lines,
    refunds,
    session_lines,
    sign_ins,
    user_identities,
    users,
    variant_prices,
    variants,
    vat_checks,
    webhook_endpoints,
    webhook_queues,
    webhook_replays,
);
